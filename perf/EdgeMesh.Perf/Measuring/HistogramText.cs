using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;

namespace EdgeMesh.Perf.Measuring;

/// <summary>Reads what HdrHistogram writes: the V2 payload, deflated, base64.</summary>
/// <remarks>
/// <code>
///   compressed:  cookie 0x1c849304 | 0x10   length, bytes    zlib stream (RFC 1950) of:
///   payload:     cookie 0x1c849303 | 0x10   length, bytes    offset (0)    digits
///                lowest value, 8 bytes      highest value, 8 bytes        ratio, 8 bytes
///                counts: each a zigzag LEB128 number; a negative one says how many zeros follow
/// </code>
/// Big-endian. The library has a reader too, but one that finds constructors by reflection, which a program compiled
/// ahead of time can't.
/// </remarks>
public static class HistogramText
{
    private const int CompressedCookie = 0x1c849314;
    private const int PayloadCookie = 0x1c849313;
    private const int LengthOffset = 4;
    private const int HeadBytes = 8;
    private const int DigitsOffset = 12;
    private const int LowestOffset = 16;
    private const int CountsOffset = 40;
    private const int PayloadBytesMax = 1 << 20; // the largest of ours has 28 000 counts of at most 9 bytes
    private const int LebBitsMax = 63;
    private const int SubBucketBits = 10; // of three digits: 2 * 1024 values per power of two

    /// <summary>Reads a histogram of three digits and a lowest value of 1.</summary>
    /// <param name="text">Base64.</param>
    /// <param name="take">Gets each value that was recorded, and how often.</param>
    /// <returns>False if the text is none; some values may have been given by then.</returns>
    public static bool TryRead(string text, Action<long, long> take)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(take);
        byte[] bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out int length) || length < HeadBytes
            || BinaryPrimitives.ReadInt32BigEndian(bytes) != CompressedCookie
            || BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(LengthOffset)) != length - HeadBytes)
        {
            return false;
        }

        byte[] payload = new byte[PayloadBytesMax];
        int count;
        try
        {
            using var zlib = new ZLibStream(
                new MemoryStream(bytes, HeadBytes, length - HeadBytes), CompressionMode.Decompress);
            count = zlib.ReadAtLeast(payload, payload.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return count < payload.Length && TryReadPayload(payload.AsSpan(0, count), take);
    }

    private static bool TryReadPayload(ReadOnlySpan<byte> payload, Action<long, long> take)
    {
        if (payload.Length < CountsOffset || BinaryPrimitives.ReadInt32BigEndian(payload) != PayloadCookie
            || BinaryPrimitives.ReadInt32BigEndian(payload[DigitsOffset..]) != 3
            || BinaryPrimitives.ReadInt64BigEndian(payload[LowestOffset..]) != 1)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(payload[LengthOffset..]);
        if (length < 0 || length > payload.Length - CountsOffset)
        {
            return false;
        }

        ReadOnlySpan<byte> counts = payload.Slice(CountsOffset, length);
        long index = 0;
        while (!counts.IsEmpty)
        {
            if (!TryReadNumber(ref counts, out long count))
            {
                return false;
            }

            if (count > 0)
            {
                take(ValueAt((int)index), count);
            }

            index += count < 0 ? Math.Min(-(count + 1), int.MaxValue) + 1 : 1;
            if (index > PayloadBytesMax)
            {
                return false;
            }
        }

        return true;
    }

    // The lowest value of a place: powers of two, each cut into 1024 equal steps; below 2048 every value has its place.
    private static long ValueAt(int index)
    {
        int bucket = (index >> SubBucketBits) - 1;
        long step = (index & ((1 << SubBucketBits) - 1)) + (bucket < 0 ? 0 : 1 << SubBucketBits);
        return bucket > LebBitsMax - SubBucketBits - 2 ? long.MaxValue : step << Math.Max(bucket, 0);
    }

    // Like protobuf's, but the ninth byte has eight bits: 9 bytes hold 64.
    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out long number)
    {
        ulong value = 0;
        number = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            const int LastByte = 8;
            const int BitsPerByte = 7;
            ulong bits = i == LastByte ? bytes[i] : (ulong)(bytes[i] & 0x7f);
            value |= bits << (i * BitsPerByte);
            if (i == LastByte || bytes[i] < 0x80)
            {
                number = (long)(value >> 1) ^ -(long)(value & 1);
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
