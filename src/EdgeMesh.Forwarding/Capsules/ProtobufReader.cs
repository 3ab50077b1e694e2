using System;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>
/// Reads the fields of a protobuf message, whatever they are (protobuf encoding, all wire types but groups).
/// </summary>
internal ref struct ProtobufReader
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;
    private const int VarintBytesMax = 10;

    private ReadOnlySpan<byte> _rest;

    public ProtobufReader(ReadOnlySpan<byte> message)
    {
        _rest = message;
        IsAtEnd = message.IsEmpty;
    }

    /// <summary>Whether the message ended with the end of a field; false if it is broken.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Reads a varint off the front of bytes.</summary>
    /// <returns>Bytes it took; 0 if it is cut short, -1 if it is longer than 64 bits.</returns>
    public static int ReadVarint(ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        int length = Math.Min(bytes.Length, VarintBytesMax);
        for (int i = 0; i < length; i++)
        {
            if (i == VarintBytesMax - 1 && bytes[i] > 1)
            {
                return -1;
            }

            number |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                return i + 1;
            }
        }

        return length == VarintBytesMax ? -1 : 0;
    }

    /// <summary>Reads the next field.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="number">Its value if it is a varint, else 0.</param>
    /// <param name="bytes">Its value if it is length-delimited, else empty.</param>
    /// <returns>False at the end, or if the message is broken; see <see cref="IsAtEnd"/>.</returns>
    public bool TryReadField(out int field, out ulong number, out ReadOnlySpan<byte> bytes)
    {
        field = 0;
        number = 0;
        bytes = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        IsAtEnd = false;
        if (!TryTakeVarint(out ulong key) || key >> 3 is 0 or > int.MaxValue)
        {
            return false;
        }

        field = (int)(key >> 3);
        bool isRead = (key & 7) switch
        {
            Varint => TryTakeVarint(out number),
            Fixed64 => TryTake(sizeof(ulong), out _),
            LengthDelimited => TryTakeVarint(out ulong length) && TryTake(length, out bytes),
            Fixed32 => TryTake(sizeof(uint), out _),
            _ => false,
        };
        IsAtEnd = isRead && _rest.IsEmpty;
        return isRead;
    }

    private bool TryTakeVarint(out ulong number)
    {
        int length = ReadVarint(_rest, out number);
        if (length <= 0)
        {
            return false;
        }

        _rest = _rest[length..];
        return true;
    }

    private bool TryTake(ulong length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length > (ulong)_rest.Length)
        {
            return false;
        }

        bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }
}
