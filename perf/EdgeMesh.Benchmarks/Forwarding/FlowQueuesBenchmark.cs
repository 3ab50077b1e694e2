using BenchmarkDotNet.Attributes;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;

namespace EdgeMesh.Benchmarks.Forwarding;

/// <summary>Through a peer's flow queues and out again, one packet as the unit.</summary>
[MemoryDiagnoser]
public class FlowQueuesBenchmark
{
    private readonly PacketPool _pool = new(16 << 20);
    private readonly Packet[] _packets = new Packet[Limits.BatchPackets];
    private readonly FlowQueues _queues;

    public FlowQueuesBenchmark()
    {
        var ledger = new PacketLedger();
        _queues = new FlowQueues(ledger, ledger.MakePeer(), _pool, FlowQueueOptions.Default);
    }

    [Params(1, 8, 64)]
    public int Flows { get; set; }

    [Params(1400, 64_000)]
    public int PacketBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < _packets.Length; i++)
        {
            _packets[i] = BenchmarkPackets.Udp(_pool, PacketBytes);
            _packets[i].FlowHash = (uint)(i % Flows);
        }
    }

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Enqueue_and_dequeue()
    {
        // In two halves: 64 super-packets would be more than the queue's limit.
        var now = new Instant(1_000_000);
        int count = 0;
        for (int half = 0; half < 2; half++)
        {
            for (int i = 0; i < Limits.BatchPackets / 2; i++)
            {
                _queues.TryEnqueue(now, _packets[count + i]);
            }

            while (_queues.TryDequeue(now, out Packet? packet))
            {
                _packets[count++] = packet;
            }
        }

        return count;
    }
}
