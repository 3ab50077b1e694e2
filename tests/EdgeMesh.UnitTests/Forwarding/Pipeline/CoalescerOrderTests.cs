using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

/// <summary>A flow's packets leave in the order in which they came, whatever can't be merged among them.</summary>
public sealed class CoalescerOrderTests
{
    [Fact]
    public void Every_flow_of_every_mixture_keeps_its_order() =>
        Gen.Select(Gen.Int[0, FlowMixture.Flows - 1], Gen.Int[0, FlowMixture.Kinds - 1], Gen.Int[0, 3]).Array[0, 150]
            .Sample(
            choices =>
            {
                var mixture = new FlowMixture();
                foreach ((int flow, int kind, int size) in choices)
                {
                    mixture.Add(flow, kind, size);
                }

                var pool = new PacketPool(8 << 20);
                Assert.Equal(mixture.Expected(), mixture.ByFlow(Coalesce(mixture.Packets, pool)));
                Assert.Equal(0, pool.RentedBytes);
            },
            iter: 300);

    [Fact]
    public void Segment_that_can_not_be_merged_stays_between_its_neighbours()
    {
        byte[][] v4 = [.. Enumerable.Range(0, 5).Select(i => SamplePackets.Tcp4(100, (uint)i * 100, id: (ushort)i))];
        byte[][] v6 = [.. Enumerable.Range(0, 5).Select(i => SamplePackets.Tcp6(100, (uint)i * 100))];
        (byte[][] Flow, byte[] Odd)[] samples =
        [
            (v4, SampleVariants.WithOptions(v4[2])),
            (v4, SampleVariants.Fragments(v4[2], 64, 7)[0]),
            (v4, SampleVariants.Fragments(v4[2], 64, 7)[1]),
            (v6, SampleVariants.WithExtensions(v6[2], 1)),
            (v6, SampleVariants.WithExtensions(v6[2], 1, IpProtocol.Fragment)), // an atomic fragment
            (v6, SampleVariants.Fragments(v6[2], 64, 7)[0]),
            (v6, SampleVariants.Fragments(v6[2], 64, 7)[1]),
            (v6, SampleVariants.Fragments(SampleVariants.WithExtensions(v6[2], 2), 64, 7)[1]),
            (v6, SampleVariants.CutShort(SampleVariants.WithExtensions(v6[2], 2), 50)),
        ];
        foreach ((byte[][] flow, byte[] odd) in samples)
        {
            byte[][] packets = [flow[0], flow[1], odd, flow[3], flow[4]];
            Assert.Equal(packets, Coalesce([.. packets.Select(packet => (packet, default(OffloadHeader)))]));
        }
    }

    [Fact]
    public void Later_fragment_finishes_all_that_its_addresses_hold_and_nothing_else()
    {
        var pool = new PacketPool(1 << 20);
        var coalescer = new Coalescer(pool, mergesTcp: true, mergesUdp: true);
        Assert.True(coalescer.TryTake(default, SamplePackets.Udp4(100, sourcePort: 1)));
        Assert.True(coalescer.TryTake(default, SamplePackets.Udp4(100, sourcePort: 2)));
        Assert.True(coalescer.TryTake(default, SamplePackets.Udp4(100, source: SamplePackets.PodA + 1)));
        Assert.True(coalescer.TryTake(default, SamplePackets.Udp6(100)));
        Assert.False(coalescer.TryTake(default, SampleVariants.Fragments(SamplePackets.Udp4(100), 64, 7)[1]));
        Assert.Equal(2, Written(() => coalescer.TryPoll(out Packet? packet) ? packet : null).Count);
        Assert.Equal(2, Written(() => coalescer.TryFlush(out Packet? packet) ? packet : null).Count);
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public void What_belongs_to_no_flow_finishes_nothing()
    {
        var pool = new PacketPool(1 << 20);
        var coalescer = new Coalescer(pool, mergesTcp: true, mergesUdp: true);
        byte[] echo = SamplePackets.Icmp4(8);
        Assert.True(coalescer.TryTake(default, SamplePackets.Udp4(100)));
        Assert.False(coalescer.TryTake(default, echo));
        Assert.False(coalescer.TryTake(default, SampleVariants.Fragments(echo, 32, 7)[1]));
        Assert.False(coalescer.TryPoll(out _));
        Assert.Single(Written(() => coalescer.TryFlush(out Packet? packet) ? packet : null));
    }

    private static List<byte[]> Coalesce(List<(byte[] Bytes, OffloadHeader Offload)> packets, PacketPool? pool = null)
    {
        var coalescer = new Coalescer(pool ?? new PacketPool(8 << 20), mergesTcp: true, mergesUdp: true);
        var written = new List<byte[]>();
        byte[] header = new byte[OffloadHeader.SizeBytes];
        foreach ((byte[] bytes, OffloadHeader offload) in packets)
        {
            offload.Write(header);
            bool isTaken = coalescer.TryTake(header, bytes);
            written.AddRange(Written(() => coalescer.TryPoll(out Packet? ready) ? ready : null));
            if (!isTaken)
            {
                written.AddRange(FlowMixture.Cut(bytes, offload));
            }
        }

        written.AddRange(Written(() => coalescer.TryFlush(out Packet? held) ? held : null));
        return written;
    }

    private static List<byte[]> Written(System.Func<Packet?> poll)
    {
        var written = new List<byte[]>();
        while (poll() is { } packet)
        {
            written.AddRange(FlowMixture.Cut(packet.Bytes.ToArray(), OffloadHeader.Read(packet.OffloadHeader)));
            packet.Dispose();
        }

        return written;
    }
}
