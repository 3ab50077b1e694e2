using BenchmarkDotNet.Attributes;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Benchmarks.Forwarding;

/// <summary>What each packet goes through on both ways, one packet as the unit.</summary>
[MemoryDiagnoser]
public class PipelineBenchmark
{
    private readonly PacketPool _pool = new(4 << 20);
    private PipelineOperations? _pipeline;
    private byte[] _frame = [];

    [Params(64, 1400)]
    public int PacketBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _pipeline = new PipelineOperations(_pool, PacketBytes);
        _pipeline.Gather();
        _frame = _pipeline.CopyFrame();
    }

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Route() => _pipeline!.Route();

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Gather() => _pipeline!.Gather();

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Read_and_check()
    {
        // Of large packets a frame holds a part of a batch: it is read again.
        int delivered = 0;
        while (delivered < Limits.BatchPackets)
        {
            delivered += _pipeline!.Read(_frame, Limits.BatchPackets - delivered);
        }

        return delivered;
    }

    [Benchmark]
    public ushort Checksum() => InternetChecksum.Fold(InternetChecksum.Sum(_pipeline!.First.Bytes));

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Rent_and_return()
    {
        int length = 0;
        for (int i = 0; i < Limits.BatchPackets; i++)
        {
            if (_pool.TryRent(PacketBytes, out Packet? packet))
            {
                length += packet.Length;
                packet.Dispose();
            }
        }

        return length;
    }
}
