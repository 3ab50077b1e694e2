using System;
using System.Buffers.Binary;
using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>A capsule that measures the round trip; the reply repeats it.</summary>
/// <param name="Counter">The sender's, one more each time.</param>
/// <param name="SentAt">The sender's own monotonic time; means nothing to anybody else.</param>
/// <remarks><code>
///  +-----------------+-----------------+----------------------+
///  | counter, 8 bytes| time, 8 bytes   | queue delay, 8 bytes |   big-endian, nanoseconds; the last in replies only
///  +-----------------+-----------------+----------------------+
/// </code></remarks>
public readonly record struct Probe(ulong Counter, Instant SentAt)
{
    /// <summary>Bytes of a probe.</summary>
    public const int SizeBytes = 16;

    /// <summary>Bytes of a reply.</summary>
    public const int ReplyBytes = SizeBytes + sizeof(long);

    /// <summary>Reads a probe.</summary>
    /// <returns>False if the value is shorter; what is longer comes from a newer peer and is ignored.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out Probe probe)
    {
        probe = default;
        if (value.Length < SizeBytes)
        {
            return false;
        }

        probe = new Probe(
            BinaryPrimitives.ReadUInt64BigEndian(value),
            new Instant(BinaryPrimitives.ReadInt64BigEndian(value[sizeof(ulong)..])));
        return true;
    }

    /// <summary>Reads a reply to a probe of ours.</summary>
    /// <param name="value">The capsule's value.</param>
    /// <param name="probe">What we sent; the peer may lie, so compare it with what was sent.</param>
    /// <param name="queueDelay">How long the peer says the probe or its reply waited; zero if it says nonsense.</param>
    public static bool TryReadReply(ReadOnlySpan<byte> value, out Probe probe, out TimeSpan queueDelay)
    {
        queueDelay = TimeSpan.Zero;
        if (!TryRead(value, out probe) || value.Length < ReplyBytes)
        {
            return false;
        }

        long nanoseconds = BinaryPrimitives.ReadInt64BigEndian(value[SizeBytes..]);
        queueDelay = new TimeSpan(Math.Max(0, nanoseconds) / TimeSpan.NanosecondsPerTick);
        return true;
    }

    /// <summary>Writes a probe.</summary>
    /// <param name="destination">At least <see cref="SizeBytes"/>.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, Counter);
        BinaryPrimitives.WriteInt64BigEndian(destination[sizeof(ulong)..], SentAt.Nanoseconds);
    }

    /// <summary>Writes the reply to a probe.</summary>
    /// <param name="destination">At least <see cref="ReplyBytes"/>.</param>
    /// <param name="probe">The value of the probe as it came, at least <see cref="SizeBytes"/>.</param>
    /// <param name="queueDelay">How long the answer waits with us.</param>
    public static void WriteReply(Span<byte> destination, ReadOnlySpan<byte> probe, TimeSpan queueDelay)
    {
        probe[..SizeBytes].CopyTo(destination);
        BinaryPrimitives.WriteInt64BigEndian(
            destination[SizeBytes..], queueDelay.Ticks * TimeSpan.NanosecondsPerTick);
    }
}
