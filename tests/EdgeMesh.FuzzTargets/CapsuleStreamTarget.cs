using System;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;

namespace EdgeMesh.FuzzTargets;

/// <summary>The capsules of a tunnel stream, whole and in pieces.</summary>
public static class CapsuleStreamTarget
{
    /// <summary>Reads a stream twice; how it is split must not matter.</summary>
    /// <param name="bytes">One byte for the size of the pieces, then the stream.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        byte[] stream = bytes[1..].ToArray();
        (int packets, long hash) = Read(stream, stream.Length + 1);
        (int packetsInPieces, long hashInPieces) = Read(stream, bytes[0] + 1);
        Invariant.Holds(packets == packetsInPieces, "pieces hold as many packets");
        Invariant.Holds(hash == hashInPieces, "pieces hold the same packets");
    }

    private static (int Packets, long Hash) Read(byte[] stream, int pieceBytes)
    {
        var pool = new PacketPool(1 << 20);
        int packets = 0;
        long hash = 0;
        using (var reader = new CapsuleReader(pool))
        {
            CapsuleStatus status = CapsuleStatus.NeedMore;
            for (int from = 0; from < stream.Length && status != CapsuleStatus.TooLong; from += pieceBytes)
            {
                Span<byte> data = stream.AsSpan(from, Math.Min(pieceBytes, stream.Length - from));
                while ((status = reader.Read(ref data, out CapsuleView capsule)) == CapsuleStatus.Complete)
                {
                    if (capsule.IsPacket)
                    {
                        packets++;
                        hash = HashOf(capsule.Value, hash);
                    }

                    capsule.Packet?.Dispose();
                }

                Invariant.Holds(status != CapsuleStatus.PoolExhausted, "one packet at a time fits the pool");
                Invariant.Holds(status == CapsuleStatus.TooLong || data.IsEmpty, "all bytes are used");
            }
        }

        Invariant.Holds(pool.RentedBytes == 0, "every slot came back");
        return (packets, hash);
    }

    private static long HashOf(ReadOnlySpan<byte> value, long hash)
    {
        unchecked
        {
            hash = (hash * 31) + value.Length;
            foreach (byte b in value)
            {
                hash = (hash * 31) + b;
            }

            return hash;
        }
    }
}
