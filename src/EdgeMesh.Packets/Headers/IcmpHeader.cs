using System;

namespace EdgeMesh.Packets.Headers;

/// <summary>An ICMP message of either version seen through its header (RFC 792, RFC 4443 §2.1).</summary>
/// <remarks><code>
///   0      7 8     15 16    23 24    31
///  +--------+--------+--------+--------+
///  |  type  |  code  |    checksum     |
///  |       depends on the type         |
///  +--------+--------+--------+--------+
/// </code></remarks>
public readonly ref struct IcmpHeader
{
    /// <summary>Bytes before the body.</summary>
    public const int SizeBytes = 8;

    /// <summary>Offset of the checksum.</summary>
    public const int ChecksumOffset = 2;

    /// <summary>ICMP for IPv4: destination unreachable.</summary>
    public const byte Unreachable4 = 3;

    /// <summary>ICMP for IPv6: destination unreachable.</summary>
    public const byte Unreachable6 = 1;

    private const byte SourceQuench4 = 4;
    private const byte Redirect4 = 5;
    private const byte TimeExceeded4 = 11;
    private const byte ParameterProblem4 = 12;
    private const byte FirstInformational6 = 128;
    private const byte Redirect6 = 137;

    private readonly ReadOnlySpan<byte> _bytes;

    private IcmpHeader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Type.</summary>
    public byte Type => _bytes[0];

    /// <summary>Code.</summary>
    public byte Code => _bytes[1];

    /// <summary>What follows the eight bytes of the header.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[SizeBytes..];

    /// <summary>Checks that the header is whole.</summary>
    /// <param name="bytes">The payload of an IP packet.</param>
    /// <param name="header">The view; no accessor of it can fail.</param>
    /// <returns>False if the bytes are shorter than the header.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out IcmpHeader header)
    {
        if (bytes.Length < SizeBytes)
        {
            header = default;
            return false;
        }

        header = new IcmpHeader(bytes);
        return true;
    }

    /// <summary>Whether an ICMPv4 type reports an error; such a message is never answered (RFC 1122 §3.2.2).</summary>
    public static bool IsError4(byte type) => type
        is Unreachable4 or SourceQuench4 or Redirect4 or TimeExceeded4 or ParameterProblem4;

    /// <summary>Whether an ICMPv6 type must not be answered with an error (RFC 4443 §2.4 e).</summary>
    public static bool IsErrorOrRedirect6(byte type) => type < FirstInformational6 || type == Redirect6;
}
