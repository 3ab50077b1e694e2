using System;
using System.Buffers.Binary;

namespace EdgeMesh.Traffic;

/// <summary>A byte stream made from a seed: no block of it repeats, so a lost, doubled or moved one shows.</summary>
public sealed class TrafficPattern
{
    /// <summary>Bytes of one block.</summary>
    public const int BlockBytes = 64 * 1024;

    private readonly byte[] _block = new byte[BlockBytes];
    private ulong _number;

    /// <summary>The stream of this seed, from its start.</summary>
    public TrafficPattern(int seed) => new Random(seed).NextBytes(_block);

    /// <summary>The next block; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        // A stamp in each Ethernet-sized piece, so that swapped pieces of equal blocks show too.
        for (int at = 0; at < BlockBytes; at += 1024)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_block.AsSpan(at), (_number * 64) + (ulong)(at / 1024));
        }

        _number++;
        return _block;
    }
}
