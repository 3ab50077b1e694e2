using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>One link of a fixed rate with a queue before it, and the virtual time in which flows use it.</summary>
internal sealed class Bottleneck(IBottleneckQueue queue, long bitsPerSecond)
{
    private const int NumberOffset = 28; // behind IPv4 and UDP headers
    private const int SentOffset = 36;
    private const byte EcnCapable = 0b10; // ECT(0), RFC 3168 section 5

    private readonly PriorityQueue<Action, (Instant At, long Order)> _events = new();
    private readonly List<Flow> _flows = [];
    private long _order;
    private bool _isBusy;

    public Instant Now { get; private set; } = new(1_000_000_000);

    public long DeliveredBytes { get; private set; }

    public void Add(Flow flow)
    {
        flow.Index = _flows.Count;
        _flows.Add(flow);
        flow.Start(this);
    }

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, _order++));

    public void Run(TimeSpan duration)
    {
        Instant end = Now + duration;
        while (_events.TryPeek(out _, out (Instant At, long Order) next) && next.At <= end)
        {
            Action action = _events.Dequeue();
            Now = next.At;
            action();
        }

        Now = end;
    }

    public void Send(Flow flow, long number, int bytes, uint datagramId = 0)
    {
        if (!queue.Pool.TryRent(bytes, out Packet? packet))
        {
            throw new InvalidOperationException("more waits than the queue may hold");
        }

        packet.SetLength(bytes);
        Span<byte> ip = packet.Bytes;
        ip[..48].Clear();
        ip[0] = 0x45;
        ip[1] = flow.UsesEcn ? EcnCapable : (byte)0;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)bytes);
        ip[9] = IpProtocol.Udp;
        BinaryPrimitives.WriteInt64LittleEndian(ip[NumberOffset..], number);
        BinaryPrimitives.WriteInt64LittleEndian(ip[SentOffset..], Now.Nanoseconds);
        packet.FlowHash = (uint)flow.Index;
        packet.DatagramId = datagramId;
        queue.Enqueue(Now, packet);
        TransmitNext();
    }

    private void TransmitNext()
    {
        if (_isBusy || !queue.TryDequeue(Now, out Packet? packet))
        {
            return;
        }

        _isBusy = true;
        After(TimeSpan.FromSeconds(packet.Length * 8.0 / bitsPerSecond), () =>
        {
            _isBusy = false;
            DeliveredBytes += packet.Length;
            Flow flow = _flows[(int)packet.FlowHash];
            long number = BinaryPrimitives.ReadInt64LittleEndian(packet.Bytes[NumberOffset..]);
            var sent = new Instant(BinaryPrimitives.ReadInt64LittleEndian(packet.Bytes[SentOffset..]));
            bool isMarked = (packet.Bytes[1] & 0b11) == 0b11;
            int bytes = packet.Length;
            packet.Dispose();
            flow.Record(Now - sent, bytes);
            flow.HandleArrival(number, isMarked);
            TransmitNext();
        });
    }
}
