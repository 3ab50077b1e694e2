using System;

namespace EdgeMesh.Addresses;

/// <summary>Unsigned LEB128 as multiformats has it: minimal, at most 9 bytes, so at most 63 bits.</summary>
public static class UnsignedVarint
{
    /// <summary>Longest encoding (multiformats unsigned-varint, "Practical maximum").</summary>
    public const int BytesMax = 9;

    private const byte MoreFollows = 0x80;
    private const int BitsPerByte = 7;

    /// <summary>Reads one number from the front of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What there is so far.</param>
    /// <param name="value">The number, if the result is <see cref="VarintResult.Good"/>.</param>
    /// <param name="length">Bytes that it took.</param>
    public static VarintResult TryRead(ReadOnlySpan<byte> bytes, out ulong value, out int length)
    {
        value = 0;
        for (length = 0; length < bytes.Length; length++)
        {
            if (length == BytesMax)
            {
                return VarintResult.Malformed;
            }

            byte current = bytes[length];
            value |= (ulong)(current & ~MoreFollows) << (BitsPerByte * length);
            if ((current & MoreFollows) == 0)
            {
                length++;
                // A last byte of zero adds nothing: the encoding isn't minimal.
                return current == 0 && length > 1 ? VarintResult.Malformed : VarintResult.Good;
            }
        }

        return length == BytesMax ? VarintResult.Malformed : VarintResult.Incomplete;
    }

    /// <summary>Bytes that <see cref="Write"/> takes.</summary>
    public static int LengthOf(ulong value)
    {
        int length = 1;
        while ((value >>= BitsPerByte) != 0)
        {
            length++;
        }

        return length;
    }

    /// <summary>Writes a number of at most 63 bits.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, ulong value)
    {
        int length = 0;
        while (value >= MoreFollows)
        {
            destination[length++] = (byte)((value & (MoreFollows - 1)) | MoreFollows);
            value >>= BitsPerByte;
        }

        destination[length++] = (byte)value;
        return length;
    }
}
