using System;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>Peers that are slow, or take nothing, leave the others and the reader their memory.</summary>
public sealed class SharedPoolTests
{
    private const int Steps = 2_000; // of 100 µs

    // Pool in MiB, slow peers, packets that each takes now and then, bytes of a packet (0: all sizes).
    public static TheoryData<int, int, int, int> Floods()
    {
        TheoryData<int, int, int, int> floods = new();
        foreach (int pool in new[] { 1, 16 })
        {
            foreach (int slow in new[] { 2, 7 })
            {
                foreach (int bytes in new[] { 0, 100, 1400, 9000, 64_400 })
                {
                    floods.Add(pool, slow, 0, bytes);
                    floods.Add(pool, slow, 1, bytes);
                }
            }
        }

        return floods;
    }

    [Theory]
    [MemberData(nameof(Floods))]
    public void Slow_peers_take_nothing_from_a_fast_one(int poolMebibytes, int slowPeers, int slowPackets, int bytes)
    {
        var worker = new SharedPool(poolMebibytes, slowPeers, seed: bytes + slowPeers);
        for (int step = 0; step < Steps; step++)
        {
            worker.Step(random => bytes > 0 ? bytes : Any(random), slowPackets);
            Assert.Null(worker.Violation());
        }

        Assert.Equal(0, worker.Fast.DroppedOutPackets);
        Assert.True(worker.FastSent >= Steps / 4);
        Assert.InRange(worker.SlotsInBurstMin, 2, 32);
    }

    [Fact]
    public void What_a_peer_held_alone_it_gives_back_when_others_come()
    {
        var worker = new SharedPool(1, slowPeers: 1, seed: 1);
        for (int step = 0; step < 100; step++)
        {
            worker.Step(_ => 1400, slowPackets: 0);
        }

        Assert.InRange(worker.Pool.WaitingBlocks, worker.Pool.WaitingBlocksMax / 3, worker.Pool.WaitingBlocksMax);
    }

    [Fact]
    public void Peers_that_take_nothing_hold_nothing_after_a_second()
    {
        var worker = new SharedPool(16, slowPeers: 3, seed: 2);
        for (int step = 0; step < 1000; step++)
        {
            worker.Step(Any, slowPackets: 0);
        }

        Assert.All(worker.SlowQueues, queue => Assert.False(queue.IsEmpty));
        worker.Pause(TimeSpan.FromMilliseconds(1200));
        Assert.All(worker.SlowQueues, queue => Assert.True(queue.IsEmpty));
        Assert.Null(worker.Violation());
        Assert.Equal(0, worker.Pool.WaitingBlocks);
    }

    private static int Any(Random random) => random.Next(5) switch
    {
        0 => random.Next(20, 200),
        1 => 1400,
        2 => random.Next(1500, 9000),
        3 => random.Next(9000, Limits.MediumPacketBytesMax + 500),
        _ => random.Next(20_000, Limits.PacketBytesMax),
    };
}
