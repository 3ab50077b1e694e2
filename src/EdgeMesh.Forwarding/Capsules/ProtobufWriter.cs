using System;
using System.Text;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>Writes the two wire types that <see cref="Hello"/> needs (protobuf encoding: VARINT and LEN).</summary>
internal ref struct ProtobufWriter
{
    private const int LengthDelimited = 2;

    private readonly Span<byte> _destination;

    public ProtobufWriter(Span<byte> destination) => _destination = destination;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a number; zero is what an absent field means, and is left out.</summary>
    public void Write(int field, ulong number)
    {
        if (number != 0)
        {
            WriteVarint((ulong)field << 3);
            WriteVarint(number);
        }
    }

    public void Write(int field, string text)
    {
        WriteVarint(((ulong)field << 3) | LengthDelimited);
        WriteVarint((ulong)Encoding.ASCII.GetByteCount(text));
        Length += Encoding.ASCII.GetBytes(text, _destination[Length..]);
    }

    public void WriteVarint(ulong number)
    {
        while (number >= 0x80)
        {
            _destination[Length++] = (byte)((number & 0x7F) | 0x80);
            number >>= 7;
        }

        _destination[Length++] = (byte)number;
    }
}
