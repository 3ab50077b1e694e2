using System;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;

namespace EdgeMesh.Benchmarks.Forwarding;

/// <summary>
/// A batch of packets through the pipeline's stages, one stage per call: what the benchmarks and
/// <c>edgemesh-perf micro</c> measure. Every decision is the product's own; only the loop around it is written here.
/// </summary>
internal sealed class PipelineOperations : IDisposable
{
    private readonly Packet[] _packets = new Packet[Limits.BatchPackets];
    private readonly Forwarder _forwarder = new(flowSeed: 1);
    private readonly CapsuleBatch _batch = new();
    private readonly CapsuleReader _reader;

    /// <summary>Rents a batch.</summary>
    /// <param name="pool">Has room for it.</param>
    /// <param name="packetBytes">Bytes of each packet.</param>
    public PipelineOperations(PacketPool pool, int packetBytes)
    {
        _reader = new CapsuleReader(pool);
        for (int i = 0; i < _packets.Length; i++)
        {
            _packets[i] = BenchmarkPackets.Udp(pool, packetBytes);
        }
    }

    /// <summary>The first packet, for what is measured of one.</summary>
    public Packet First => _packets[0];

    /// <summary>Routes the batch.</summary>
    /// <returns>Packets that have a next hop: all.</returns>
    public int Route()
    {
        int sent = 0;
        foreach (Packet packet in _packets)
        {
            sent += _forwarder.Route(packet, BenchmarkPackets.SenderTables, out _) == DropReason.None ? 1 : 0;
        }

        return sent;
    }

    /// <summary>Gathers the batch into frames: of large packets one holds a part, then the next begins.</summary>
    /// <returns>Packets in the last frame.</returns>
    public int Gather()
    {
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

    /// <summary>The last frame that <see cref="Gather"/> made, without its header.</summary>
    public byte[] CopyFrame() => _batch.Frame[Limits.FrameHeaderBytes..].ToArray();

    /// <summary>Reads a frame's capsules and checks each packet as the receiver does.</summary>
    /// <param name="frame">What <see cref="CopyFrame"/> gave.</param>
    /// <param name="most">Packets to read at most.</param>
    /// <returns>Packets that were read.</returns>
    /// <exception cref="InvalidOperationException">One would be dropped.</exception>
    public int Read(Span<byte> frame, int most = int.MaxValue)
    {
        int delivered = 0;
        while (delivered < most && _reader.Read(ref frame, out CapsuleView capsule) == CapsuleStatus.Complete)
        {
            DropReason drop = Deliverer.Check(
                capsule.Type, capsule.Value, BenchmarkPackets.Peer, BenchmarkPackets.ReceiverTables,
                HelloFeatures.All);
            delivered += drop == DropReason.None ? 1 : throw new InvalidOperationException($"dropped: {drop}");
        }

        return delivered;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Packet packet in _packets)
        {
            packet.Dispose();
        }

        _reader.Dispose();
    }
}
