using System;
using System.Buffers.Binary;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>The header of a yamux frame (yamux specification, "Framing"). Network byte order.</summary>
/// <remarks><code>
///   0      7 8     15 16            31
///  +--------+--------+----------------+
///  | version|  type  |     flags      |   version 0
///  |            stream id             |   0: the session itself
///  |              length              |   data: payload bytes; window update: credit; ping: value; go away: code
///  +----------------------------------+
/// </code></remarks>
/// <param name="Type">What the frame is.</param>
/// <param name="Flags">Its flags; unknown bits are dropped.</param>
/// <param name="StreamId">Its stream, 0 for the session.</param>
/// <param name="Length">The length field; its sense depends on the type.</param>
public readonly record struct YamuxHeader(YamuxFrameType Type, YamuxFlags Flags, uint StreamId, uint Length)
{
    /// <summary>Bytes of a header.</summary>
    public const int SizeBytes = 12;

    private const byte Version = 0;
    private const int TypeOffset = 1;
    private const int FlagsOffset = 2;
    private const int StreamIdOffset = 4;
    private const int LengthOffset = 8;
    private const YamuxFlags KnownFlags = YamuxFlags.Syn | YamuxFlags.Ack | YamuxFlags.Fin | YamuxFlags.Rst;

    /// <summary>Whether the flag is set.</summary>
    public bool Has(YamuxFlags flag) => (Flags & flag) != YamuxFlags.None;

    /// <summary>Reads a header and checks what can be checked without a session.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/> bytes.</param>
    /// <param name="header">The header; meaningless unless the result is <see cref="YamuxViolation.None"/>.</param>
    /// <returns>What is wrong with it.</returns>
    public static YamuxViolation Parse(ReadOnlySpan<byte> bytes, out YamuxHeader header)
    {
        header = default;
        if (bytes[0] != Version)
        {
            return YamuxViolation.UnknownVersion;
        }

        if (bytes[TypeOffset] > (byte)YamuxFrameType.GoAway)
        {
            return YamuxViolation.UnknownFrameType;
        }

        header = new YamuxHeader(
            (YamuxFrameType)bytes[TypeOffset],
            (YamuxFlags)BinaryPrimitives.ReadUInt16BigEndian(bytes[FlagsOffset..]) & KnownFlags,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[StreamIdOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[LengthOffset..]));
        bool isOfSession = header.Type is YamuxFrameType.Ping or YamuxFrameType.GoAway;
        return isOfSession == (header.StreamId == 0) ? YamuxViolation.None : YamuxViolation.WrongStreamZero;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/> bytes.</param>
    public void Write(Span<byte> bytes)
    {
        bytes[0] = Version;
        bytes[TypeOffset] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[FlagsOffset..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[StreamIdOffset..], StreamId);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[LengthOffset..], Length);
    }
}
