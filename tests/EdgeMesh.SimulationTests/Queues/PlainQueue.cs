using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>First in, first out, with the same limit: what the product would be without flow queues.</summary>
internal sealed class PlainQueue : IBottleneckQueue
{
    private const int BytesMax = 8 << 20;

    private readonly Queue<Packet> _packets = new();
    private long _bytes;

    public PacketPool Pool { get; } = new(1L << 30);

    public long Dropped { get; private set; }

    public void Enqueue(Instant now, Packet packet)
    {
        if (_bytes + packet.Length > BytesMax)
        {
            Dropped++;
            packet.Dispose();
            return;
        }

        _bytes += packet.Length;
        _packets.Enqueue(packet);
    }

    public bool TryDequeue(Instant now, [NotNullWhen(true)] out Packet? packet)
    {
        if (!_packets.TryDequeue(out packet))
        {
            return false;
        }

        _bytes -= packet.Length;
        return true;
    }
}
