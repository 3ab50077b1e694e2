using System;
using BenchmarkDotNet.Attributes;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Benchmarks.Forwarding;

/// <summary>What each packet goes through on both ways, one packet as the unit.</summary>
[MemoryDiagnoser]
public class PipelineBenchmark
{
    private readonly PacketPool _pool = new(4 << 20);
    private readonly Packet[] _packets = new Packet[Limits.BatchPackets];
    private readonly CapsuleBatch _batch = new();
    private readonly Forwarder _forwarder = new(flowSeed: 1);
    private CapsuleReader _reader = new(new PacketPool(1 << 20));

    [Params(64, 1400)]
    public int PacketBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _reader = new CapsuleReader(_pool);
        for (int i = 0; i < _packets.Length; i++)
        {
            _packets[i] = BenchmarkPackets.Udp(_pool, PacketBytes);
        }

        Gather();
    }

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Route()
    {
        int sent = 0;
        foreach (Packet packet in _packets)
        {
            sent += _forwarder.Route(packet, BenchmarkPackets.SenderTables, out _) == DropReason.None ? 1 : 0;
        }

        return sent;
    }

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Gather()
    {
        // Of 1400 bytes, 46 fit a frame; then the next frame begins.
        _batch.Clear();
        foreach (Packet packet in _packets)
        {
            if (!_batch.TryAdd(packet))
            {
                _batch.Clear();
                _batch.TryAdd(packet);
            }
        }

        return _batch.Count;
    }

    [Benchmark(OperationsPerInvoke = Limits.BatchPackets)]
    public int Read_and_check()
    {
        int delivered = 0;
        while (delivered < Limits.BatchPackets)
        {
            Span<byte> data = _batch.Frame[Limits.FrameHeaderBytes..];
            while (delivered < Limits.BatchPackets
                && _reader.Read(ref data, out CapsuleView capsule) == CapsuleStatus.Complete)
            {
                DropReason drop = Deliverer.Check(
                    capsule.Type, capsule.Value, BenchmarkPackets.Peer, BenchmarkPackets.ReceiverTables,
                    HelloFeatures.All);
                delivered += drop == DropReason.None ? 1 : -1000;
            }
        }

        return delivered;
    }

    [Benchmark]
    public ushort Checksum() => InternetChecksum.Fold(InternetChecksum.Sum(_packets[0].Bytes));

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
