using System;
using CsCheck;
using EdgeMesh.Forwarding;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Forwarding.Pipeline;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel;

/// <summary>From one node's device to the other's, through the loops of the tunnel, without I/O.</summary>
public sealed class TunnelPathTests
{
    [Fact]
    public void Every_packet_is_delivered_or_dropped_with_a_reason()
    {
        var random = new Random(7);
        var path = new TunnelPath();
        int[] expected = new int[DropReasons.Count];
        for (int i = 0; i < 20_000; i++)
        {
            (byte[] bytes, DropReason reason) = Pick(random);
            OffloadHeader offload = reason == DropReason.None && random.Next(2) == 0
                ? SamplePackets.MakePartial(bytes)
                : default;
            path.Send(bytes, offload);
            expected[(int)reason]++;
            if (random.Next(20) == 0)
            {
                path.Move(TimeSpan.FromMicroseconds(random.Next(2000)));
            }
        }

        path.Move(TimeSpan.FromMilliseconds(1));
        PacketLedger near = path.Near;
        PacketLedger far = path.Far;
        Assert.Equal(20_000, near.EnteredPackets);
        Assert.Equal(0, near.OutstandingOut);
        Assert.Equal(near.SentPackets, far.ReceivedPackets);
        Assert.Equal(near.SentBytes, far.ReceivedBytes);
        Assert.Equal(0, far.OutstandingIn);
        Assert.Equal(far.DeliveredPackets, path.Exit.WrittenPackets);
        DropReason[] reasons =
        [
            DropReason.Malformed, DropReason.NoRoute, DropReason.Martian, DropReason.Hairpin, DropReason.SourceNotLocal,
        ];
        foreach (DropReason reason in reasons)
        {
            Assert.Equal(expected[(int)reason], near.DroppedOutByReason[(int)reason]);
            Assert.True(expected[(int)reason] > 0);
        }

        Assert.Equal(0, path.RentedBytes);
        // coalescing saved at least a third of the writes
        Assert.InRange(path.Exit.Writes, 1, far.DeliveredPackets * 2 / 3);
    }

    [Fact]
    public void Every_flow_keeps_its_order_from_one_tun_to_the_other() =>
        Gen.Select(Gen.Int[0, FlowMixture.Flows - 1], Gen.Int[0, FlowMixture.Kinds - 1], Gen.Int[0, 3]).Array[0, 100]
            .Sample(
            choices =>
            {
                var mixture = new FlowMixture();
                foreach ((int flow, int kind, int size) in choices)
                {
                    mixture.Add(flow, kind, size);
                }

                var path = new TunnelPath();
                path.Exit.Written = [];
                for (int i = 0; i < mixture.Packets.Count; i++)
                {
                    path.Send(mixture.Packets[i].Bytes, mixture.Packets[i].Offload);
                    if (i % 32 == 31)
                    {
                        path.Move(TimeSpan.FromMicroseconds(100));
                    }
                }

                path.Move(TimeSpan.FromMicroseconds(100));
                Assert.Equal(mixture.Expected(), mixture.ByFlow(path.Exit.Written));
                Assert.Equal(0, path.RentedBytes);
            },
            iter: 200);

    [Fact]
    public void A_hundred_thousand_packets_allocate_nothing()
    {
        var path = new TunnelPath();
        byte[][] samples =
        [
            SamplePackets.Udp4(64), SamplePackets.Udp6(900), SamplePackets.Tcp4(1400, 1), SamplePackets.Udp4(64, id: 2),
        ];
        Run(path, samples, 1000);
        int packets = 1000;
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            Run(path, samples, 100_000);
            packets += 100_000;
        }));
        Assert.Equal(packets, path.Exit.WrittenPackets);
    }

    private static void Run(TunnelPath path, byte[][] samples, int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            path.Send(samples[i % samples.Length], default);
            if (i % Limits.BatchPackets == 0)
            {
                path.Move(TimeSpan.FromMicroseconds(50));
            }
        }

        path.Move(TimeSpan.FromMicroseconds(50));
    }

    private static (byte[] Bytes, DropReason Reason) Pick(Random random) => random.Next(12) switch
    {
        0 => (SamplePackets.Udp4(10, destination: 0x0B00_0001), DropReason.NoRoute),
        1 => (SamplePackets.Udp4(10, destination: 0xE000_0001), DropReason.Martian),
        2 => (SamplePackets.Udp4(10, destination: SamplePackets.PodA), DropReason.Hairpin),
        3 => (SamplePackets.Udp4(10, source: 0x0B00_0001), DropReason.SourceNotLocal),
        4 => (SamplePackets.Udp4(10)[..30], DropReason.Malformed),
        5 => (SamplePackets.Tcp4(random.Next(1, 1400), (uint)random.Next()), DropReason.None),
        6 => (SamplePackets.Tcp6(random.Next(1, 1400), (uint)random.Next()), DropReason.None),
        7 => (SamplePackets.Udp6(700), DropReason.None),
        _ => (SamplePackets.Udp6(100, sourcePort: (ushort)random.Next(3)), DropReason.None),
    };
}
