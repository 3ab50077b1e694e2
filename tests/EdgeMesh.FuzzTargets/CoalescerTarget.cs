using System;
using System.Buffers.Binary;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.FuzzTargets;

/// <summary>The coalescer: whatever comes, no byte of payload and no slot is lost.</summary>
public static class CoalescerTarget
{
    /// <summary>Offers packets.</summary>
    /// <param name="bytes">Packets, each behind one byte of its length in units of 4 and one of choices.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        var pool = new PacketPool(1 << 20);
        var coalescer = new Coalescer(pool, mergesTcp: true, mergesUdp: true);
        long taken = 0;
        long given = 0;
        Span<byte> offload = stackalloc byte[OffloadHeader.SizeBytes];
        while (bytes.Length > 2)
        {
            int length = Math.Min(bytes[0] * 4, bytes.Length - 2);
            byte choices = bytes[1];
            byte[] packet = bytes.Slice(2, length).ToArray();
            bytes = bytes[(2 + length)..];
            Mend(packet, choices, offload);
            bool isTaken = coalescer.TryTake(offload, packet);
            taken += isTaken ? 1 : 0;
            while (coalescer.TryPoll(out Packet? ready))
            {
                given += Give(ready);
            }
        }

        while (coalescer.TryFlush(out Packet? held))
        {
            given += Give(held);
        }

        Invariant.Holds(taken == given, "as many packets come out as went in");
        Invariant.Holds(pool.RentedBytes == 0, "every slot came back");
    }

    // Right lengths and a partial checksum make most packets mergeable.
    private static void Mend(Span<byte> packet, byte choices, Span<byte> offload)
    {
        offload.Clear();
        if (packet.Length < 48 || (choices & 1) != 0)
        {
            return;
        }

        bool isV4 = (choices & 2) != 0;
        bool isTcp = (choices & 4) != 0;
        int start = isV4 ? Ipv4Header.SizeBytes : Ipv6Header.SizeBytes;
        packet[0] = isV4 ? (byte)0x45 : (byte)0x60;
        int protocolOffset = isV4 ? Ipv4Header.ProtocolOffset : Ipv6Header.NextHeaderOffset;
        packet[protocolOffset] = isTcp ? IpProtocol.Tcp : IpProtocol.Udp;
        int lengthOffset = isV4 ? Ipv4Header.TotalLengthOffset : Ipv6Header.PayloadLengthOffset;
        int length = isV4 ? packet.Length : packet.Length - start;
        BinaryPrimitives.WriteUInt16BigEndian(packet[lengthOffset..], (ushort)length);
        if (!isTcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(
                packet[(start + UdpHeader.LengthOffset)..], (ushort)(packet.Length - start));
        }

        new OffloadHeader
        {
            Flags = OffloadHeader.NeedsChecksumFlag,
            ChecksumStart = (ushort)start,
            ChecksumOffset = (ushort)(isTcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset),
        }.Write(offload);
    }

    // How many packets the one stands for.
    private static long Give(Packet packet)
    {
        long count = 1;
        OffloadHeader offload = OffloadHeader.Read(packet.OffloadHeader);
        if (offload.RawType != 0)
        {
            int payloadBytes = packet.Length - offload.HeaderLength;
            count = (payloadBytes + offload.SegmentSize - 1) / offload.SegmentSize;
            Invariant.Holds(count is > 1 and <= Coalescer.SegmentsMax, "a super-packet stands for 2 to 64");
        }

        packet.Dispose();
        return count;
    }
}
