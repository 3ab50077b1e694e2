using System;
using System.Buffers.Binary;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.FuzzTargets;

/// <summary>The check of what a peer sends: what passes must be safe to give to a kernel, and to segment.</summary>
public static class DelivererTarget
{
    // Half of the addresses are the peer's, half are ours, so that random packets get through.
    private static readonly RoutingTables Tables = new(
        RoutingTable4.Compile(
        [
            new Route4(new Prefix4(0, 1), NextHop.Peer(0)),
            new Route4(new Prefix4(0x8000_0000, 1), NextHop.Local),
        ]),
        RoutingTable6.Compile(
        [
            new Route6(new Prefix6(UInt128.Zero, 1), NextHop.Peer(0)),
            new Route6(new Prefix6(UInt128.One << 127, 1), NextHop.Local),
        ]));

    /// <summary>Checks a capsule.</summary>
    /// <param name="bytes">One byte of choices (offloaded, mend the lengths), then the capsule's value.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Length > Limits.CapsuleBytesMax)
        {
            return;
        }

        bool isOffloaded = (bytes[0] & 1) != 0;
        byte[] value = bytes[1..].ToArray();
        if ((bytes[0] & 2) != 0)
        {
            MendLengths(value.AsSpan(isOffloaded ? Math.Min(value.Length, OffloadHeader.SizeBytes) : 0));
        }

        CapsuleType type = isOffloaded ? CapsuleType.OffloadedPacket : CapsuleType.Packet;
        if (Deliverer.Check(type, value, 0, Tables, HelloFeatures.All) == DropReason.None)
        {
            CheckPassed(value, isOffloaded);
        }
    }

    // A fuzzer rarely guesses lengths; with right ones it gets further.
    private static void MendLengths(Span<byte> packet)
    {
        if (packet.Length >= Ipv6Header.SizeBytes && packet.Length <= Limits.PacketBytesMax)
        {
            bool isV4 = packet[0] >> 4 == 4;
            int offset = isV4 ? Ipv4Header.TotalLengthOffset : Ipv6Header.PayloadLengthOffset;
            int length = isV4 ? packet.Length : packet.Length - Ipv6Header.SizeBytes;
            BinaryPrimitives.WriteUInt16BigEndian(packet[offset..], (ushort)length);
        }
    }

    private static void CheckPassed(byte[] value, bool isOffloaded)
    {
        int before = isOffloaded ? OffloadHeader.SizeBytes : 0;
        var pool = new PacketPool(1 << 20);
        if (!pool.TryRent(value.Length - before, out Packet? packet))
        {
            return;
        }

        value.CopyTo(packet.WithHeadroom(before));
        OffloadHeader offload = OffloadHeader.Read(packet.OffloadHeader);
        if (offload.RawType == 0)
        {
            Invariant.Holds(ChecksumCompleter.Complete(packet) == DropReason.None, "the checksum is inside");
        }
        else
        {
            Invariant.Holds(offload.HeaderLength < value.Length, "the headers are inside");
            DropReason drop = Segmenter.Plan(packet, out SegmentPlan plan);
            Invariant.Holds(drop is DropReason.None or DropReason.TooBig, "it can be segmented");
            Invariant.Holds(plan.Count == 0 || plan.HeaderBytes == offload.HeaderLength, "both see the same headers");
            for (int index = 0; index < Math.Min(plan.Count, 300); index++)
            {
                Invariant.Holds(Segmenter.TryCut(packet, plan, index, pool, out Packet? segment), "a slot is free");
                segment?.Dispose();
            }
        }

        packet.Dispose();
        Invariant.Holds(pool.RentedBytes == 0, "every slot came back");
    }
}
