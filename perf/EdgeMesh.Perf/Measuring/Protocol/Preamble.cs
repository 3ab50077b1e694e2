using System;
using System.Buffers.Binary;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>The first bytes of each TCP connection to a server: what it is for.</summary>
/// <remarks><code>
///   0        7 8       15 16      23 24      31
///  +----------+----------+----------+----------+
///  |   'E'    |   'M'    |   'P'    |   'F'    |
///  | version  |   role   |      stream         |   big-endian
///  |                                           |
///  |               token                       |   of the session; 0 for a control connection
///  +-------------------------------------------+
/// </code></remarks>
public readonly record struct Preamble(ConnectionRole Role, ushort Stream, ulong Token)
{
    /// <summary>Bytes of a preamble.</summary>
    public const int SizeBytes = 16;

    /// <summary>The version of the protocol; ends of different versions refuse each other.</summary>
    public const byte CurrentVersion = 1;

    private const int VersionOffset = 4;
    private const int RoleOffset = 5;
    private const int StreamOffset = 6;
    private const int TokenOffset = 8;

    private static ReadOnlySpan<byte> Magic => "EMPF"u8;

    /// <summary>Reads one.</summary>
    /// <returns>False if the bytes are too few, of something else, of another version, or no role.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Preamble preamble)
    {
        preamble = default;
        if (bytes.Length < SizeBytes || !bytes.StartsWith(Magic) || bytes[VersionOffset] != CurrentVersion
            || bytes[RoleOffset] is 0 or > (byte)ConnectionRole.ServerToClient)
        {
            return false;
        }

        preamble = new Preamble(
            (ConnectionRole)bytes[RoleOffset],
            BinaryPrimitives.ReadUInt16BigEndian(bytes[StreamOffset..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[TokenOffset..]));
        return true;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> bytes)
    {
        Magic.CopyTo(bytes);
        bytes[VersionOffset] = CurrentVersion;
        bytes[RoleOffset] = (byte)Role;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[StreamOffset..], Stream);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[TokenOffset..], Token);
    }
}
