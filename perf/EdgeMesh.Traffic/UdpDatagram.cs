using System;
using System.Buffers.Binary;

namespace EdgeMesh.Traffic;

/// <summary>The header of each datagram; padding follows.</summary>
/// <remarks><code>
///   0                 15 16                31
///  +---------------------+-------------------+
///  |  token, 8 bytes                         |   of the session
///  |  stream             |   zero            |
///  |  sequence, 8 bytes                      |   0, 1, 2, ... per stream; Introduction opens a way back
///  |  time, 8 bytes                          |   sender's clock, nanoseconds
///  +-----------------------------------------+   big-endian
/// </code></remarks>
public readonly record struct UdpDatagram(ulong Token, ushort Stream, long Sequence, long SentNanos)
{
    /// <summary>Bytes of the head: the least datagram.</summary>
    public const int HeaderBytes = 28;

    /// <summary>The sequence of a datagram that only shows where the others of its stream go.</summary>
    public const long Introduction = -1;

    private const int StreamOffset = 8;
    private const int SequenceOffset = 12;
    private const int TimeOffset = 20;

    /// <summary>Reads one.</summary>
    /// <returns>False if the bytes are too few, or the sequence impossible.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out UdpDatagram datagram)
    {
        datagram = default;
        if (bytes.Length < HeaderBytes)
        {
            return false;
        }

        datagram = new UdpDatagram(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[StreamOffset..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[SequenceOffset..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[TimeOffset..]));
        return datagram.Sequence >= Introduction;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Token);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[StreamOffset..], (uint)Stream << 16);
        BinaryPrimitives.WriteInt64BigEndian(bytes[SequenceOffset..], Sequence);
        BinaryPrimitives.WriteInt64BigEndian(bytes[TimeOffset..], SentNanos);
    }
}
