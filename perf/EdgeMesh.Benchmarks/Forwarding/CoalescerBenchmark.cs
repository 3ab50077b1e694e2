using BenchmarkDotNet.Attributes;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;

namespace EdgeMesh.Benchmarks.Forwarding;

/// <summary>Coalescing and segmentation, one packet as the unit.</summary>
[MemoryDiagnoser]
public class CoalescerBenchmark
{
    private readonly PacketPool _pool = new(4 << 20);
    private Coalescer _coalescer = new(new PacketPool(1 << 20), mergesTcp: true, mergesUdp: true);
    private Packet _partial = null!;
    private Packet _complete = null!;
    private Packet _super = null!;

    [Params(64, 1000)]
    public int PacketBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _coalescer = new Coalescer(_pool, mergesTcp: true, mergesUdp: true);
        _partial = BenchmarkPackets.Udp(_pool, PacketBytes);
        _complete = BenchmarkPackets.Udp(_pool, PacketBytes);
        ChecksumCompleter.Complete(_complete);
        _super = Merge(_partial)!;
    }

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public void Coalesce_partial_checksums() => Merge(_partial)?.Dispose();

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public void Coalesce_complete_checksums() => Merge(_complete)?.Dispose();

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Segment()
    {
        int bytes = 0;
        if (Segmenter.Plan(_super, out SegmentPlan plan) == DropReason.None)
        {
            for (int i = 0; i < plan.Count; i++)
            {
                if (Segmenter.TryCut(_super, plan, i, _pool, out Packet? segment))
                {
                    bytes += segment.Length;
                    segment.Dispose();
                }
            }
        }

        return bytes;
    }

    private Packet? Merge(Packet packet)
    {
        for (int i = 0; i < Limits.BatchPackets; i++)
        {
            _coalescer.TryTake(packet.OffloadHeader, packet.Bytes);
        }

        _coalescer.TryPoll(out Packet? ready);
        return ready;
    }
}
