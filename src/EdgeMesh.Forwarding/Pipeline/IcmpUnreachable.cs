using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Answers packets that have no route, so that senders give up at once instead of timing out.</summary>
/// <remarks>
/// ICMPv4 "network unreachable" (RFC 792), ICMPv6 "no route to destination" (RFC 4443 §3.1). The answer's source is
/// the original destination: we have no address of our own in the overlay, and the kernel's reverse-path filter takes
/// from the TUN only what it would route into it. Never in answer to ICMP errors, later fragments, multicast,
/// broadcast, or sources that are no single host (RFC 1122 §3.2.2, RFC 4443 §2.4 e), and not more often than the
/// bucket allows.
/// </remarks>
public sealed class IcmpUnreachable
{
    /// <summary>Answers a second (RFC 4443 §2.4 f asks for a limit; Linux has 1000 for all ICMP).</summary>
    public const int PerSecondDefault = 100;

    /// <summary>Answers at once.</summary>
    public const int BurstDefault = 20;

    // The whole answer: 576 for IPv4 (RFC 1812 §4.3.2.3), the least MTU for IPv6 (RFC 4443 §3.1).
    private const int AnswerBytesMax4 = 576;
    private const int AnswerBytesMax6 = Limits.MtuBytesMin;
    private const byte TimeToLive = 64;

    private readonly TokenBucket _bucket;

    /// <summary>Makes an answerer with its own bucket.</summary>
    public IcmpUnreachable(int perSecond = PerSecondDefault, int burst = BurstDefault) =>
        _bucket = new TokenBucket(perSecond, burst);

    /// <summary>Answers that were due but over the limit.</summary>
    public long Suppressed { get; private set; }

    /// <summary>Builds the answer to a packet without route.</summary>
    /// <param name="now">Now.</param>
    /// <param name="original">The packet that came from the TUN.</param>
    /// <param name="pool">Where the answer comes from.</param>
    /// <param name="answer">A plain packet for the TUN; the caller owns it.</param>
    /// <returns>False if nothing may or can be answered.</returns>
    public bool TryBuild(
        Instant now, ReadOnlySpan<byte> original, PacketPool pool, [NotNullWhen(true)] out Packet? answer)
    {
        ArgumentNullException.ThrowIfNull(pool);
        answer = null;
        bool isV4 = Ipv4Header.TryParse(original, out Ipv4Header v4);
        Ipv6Header v6 = default;
        bool isAnswered = isV4 ? IsAnswered(v4) : Ipv6Header.TryParse(original, out v6) && IsAnswered(v6);
        if (!isAnswered)
        {
            return false;
        }

        if (!_bucket.TryTake(now))
        {
            Suppressed++;
            return false;
        }

        int headerBytes = (isV4 ? Ipv4Header.SizeBytes : Ipv6Header.SizeBytes) + IcmpHeader.SizeBytes;
        int answerBytesMax = isV4 ? AnswerBytesMax4 : AnswerBytesMax6;
        int total = isV4 ? v4.TotalLength : v6.TotalLength;
        int quoted = Math.Min(total, answerBytesMax - headerBytes);
        if (!pool.TryRent(headerBytes + quoted, out answer))
        {
            return false;
        }

        Span<byte> bytes = answer.Bytes;
        bytes[..headerBytes].Clear();
        original[..quoted].CopyTo(bytes[headerBytes..]);
        if (isV4)
        {
            WriteAnswer4(bytes, original);
        }
        else
        {
            WriteAnswer6(bytes, original);
        }

        return true;
    }

    private static bool IsAnswered(in Ipv4Header header)
    {
        bool isError = header.Protocol == IpProtocol.Icmp
            && (!IcmpHeader.TryParse(header.Payload, out IcmpHeader icmp) || IcmpHeader.IsError4(icmp.Type));
        return !isError
            && !header.IsLaterFragment
            && !Martian.IsForbidden(header.Destination)
            && !Martian.IsForbidden(header.Source);
    }

    private static bool IsAnswered(in Ipv6Header header)
    {
        Ipv6Upper upper = header.FindUpper();
        if (!upper.IsKnown || upper.IsLaterFragment)
        {
            return false; // it may be an ICMP error
        }

        ReadOnlySpan<byte> payload = header.PayloadOf(upper);
        bool isError = upper.Protocol == IpProtocol.Icmp6
            && (!IcmpHeader.TryParse(payload, out IcmpHeader icmp) || IcmpHeader.IsErrorOrRedirect6(icmp.Type));
        return !isError && !Martian.IsForbidden(header.Destination) && !Martian.IsForbidden(header.Source);
    }

    private static void WriteAnswer4(Span<byte> bytes, ReadOnlySpan<byte> original)
    {
        bytes[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[Ipv4Header.TotalLengthOffset..], (ushort)bytes.Length);
        bytes[Ipv4Header.TimeToLiveOffset] = TimeToLive;
        bytes[Ipv4Header.ProtocolOffset] = IpProtocol.Icmp;
        original.Slice(Ipv4Header.DestinationOffset, 4).CopyTo(bytes[Ipv4Header.SourceOffset..]);
        original.Slice(Ipv4Header.SourceOffset, 4).CopyTo(bytes[Ipv4Header.DestinationOffset..]);
        Ipv4Header.UpdateChecksum(bytes[..Ipv4Header.SizeBytes]);

        Span<byte> icmp = bytes[Ipv4Header.SizeBytes..];
        icmp[0] = IcmpHeader.Unreachable4;
        BinaryPrimitives.WriteUInt16BigEndian(
            icmp[IcmpHeader.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Sum(icmp)));
    }

    private static void WriteAnswer6(Span<byte> bytes, ReadOnlySpan<byte> original)
    {
        bytes[0] = 0x60;
        Span<byte> icmp = bytes[Ipv6Header.SizeBytes..];
        BinaryPrimitives.WriteUInt16BigEndian(bytes[Ipv6Header.PayloadLengthOffset..], (ushort)icmp.Length);
        bytes[Ipv6Header.NextHeaderOffset] = IpProtocol.Icmp6;
        bytes[Ipv6Header.HopLimitOffset] = TimeToLive;
        original.Slice(Ipv6Header.DestinationOffset, 16).CopyTo(bytes[Ipv6Header.SourceOffset..]);
        original.Slice(Ipv6Header.SourceOffset, 16).CopyTo(bytes[Ipv6Header.DestinationOffset..]);

        icmp[0] = IcmpHeader.Unreachable6;
        ulong pseudo = InternetChecksum.PseudoHeader6(bytes, IpProtocol.Icmp6, icmp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(
            icmp[IcmpHeader.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Sum(icmp, pseudo)));
    }
}
