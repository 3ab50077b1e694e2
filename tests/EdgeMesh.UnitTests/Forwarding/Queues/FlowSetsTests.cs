using System;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Queues;

/// <summary>Flows whose hashes lead to the same queues.</summary>
public sealed class FlowSetsTests
{
    private static readonly Instant Start = new(1_000_000_000);
    private readonly PacketPool _pool = new(32 << 20);
    private readonly FlowQueues _queues;

    public FlowSetsTests()
    {
        var ledger = new PacketLedger();
        _queues = new FlowQueues(ledger, ledger.MakePeer(), _pool, FlowQueueOptions.Default);
    }

    [Fact]
    public void Flows_whose_hashes_collide_have_queues_of_their_own()
    {
        for (uint flow = 0; flow < 7; flow++)
        {
            for (int i = 0; i < 20; i++)
            {
                _queues.TryEnqueue(Start, Numbered((flow * FlowQueues.FlowCount) + 1, number: i, bytes: 1400));
            }
        }

        for (int i = 0; i < 14; i++)
        {
            Take().Dispose(); // all bulk flows have had their first turn
        }

        _queues.TryEnqueue(Start, Numbered((7 * FlowQueues.FlowCount) + 1, number: 1000));
        using Packet next = Take();
        Assert.Equal(1000, Number(next));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(30)]
    public void Flows_keep_their_order_however_many_share_a_set_of_queues(int flowCount)
    {
        var random = new Random(flowCount);
        int[] sent = new int[flowCount];
        int[] received = new int[flowCount];
        for (int step = 0; step < 20_000; step++)
        {
            bool isFilling = step / 300 % 2 == 0;
            if (random.Next(4) < (isFilling ? 3 : 1) && _queues.Count < 500)
            {
                int flow = random.Next(flowCount);
                _queues.TryEnqueue(Start, Numbered(((uint)flow * FlowQueues.FlowCount) + 1, sent[flow]++));
            }
            else if (_queues.TryDequeue(Start, out Packet? packet))
            {
                Assert.Equal(received[packet.FlowHash / FlowQueues.FlowCount]++, Number(packet));
                packet.Dispose();
            }
        }

        while (_queues.TryDequeue(Start, out Packet? packet))
        {
            Assert.Equal(received[packet.FlowHash / FlowQueues.FlowCount]++, Number(packet));
            packet.Dispose();
        }

        Assert.Equal(sent, received);
    }

    private static int Number(Packet packet) => BitConverter.ToInt32(packet.Bytes);

    private Packet Take()
    {
        Assert.True(_queues.TryDequeue(Start, out Packet? packet));
        return packet;
    }

    private Packet Numbered(uint flow, int number, int bytes = 100)
    {
        Assert.True(_pool.TryRent(bytes, out Packet? packet));
        BitConverter.TryWriteBytes(packet.Bytes, number);
        packet.FlowHash = flow;
        return packet;
    }
}
