using System;
using System.Collections.Generic;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

/// <summary>One way between two nodes, as the dataplane strings the stages together, in memory.</summary>
internal sealed class PipelinePath
{
    private readonly PacketPool _nearPool = new(8 << 20);
    private readonly PacketPool _farPool = new(8 << 20);
    private readonly Forwarder _forwarder = new(flowSeed: 3);
    private readonly CapsuleBatch _batch = new();
    private readonly PeerLedger _nearPeer;
    private readonly PeerLedger _farPeer;
    private readonly FlowQueues _queues;
    private readonly CapsuleReader _reader;
    private readonly Coalescer _coalescer;
    private Instant _now = new(1_000_000_000);

    public PipelinePath()
    {
        _nearPeer = Near.MakePeer();
        _farPeer = Far.MakePeer();
        _queues = new FlowQueues(Near, _nearPeer, _nearPool, FlowQueueOptions.Default);
        _reader = new CapsuleReader(_farPool);
        _coalescer = new Coalescer(_farPool, mergesTcp: true, mergesUdp: true);
    }

    public PacketLedger Near { get; } = new();

    public PacketLedger Far { get; } = new();

    /// <summary>Writes to the far TUN.</summary>
    public int Writes { get; private set; }

    /// <summary>Packets in them, super-packets counted by their segments.</summary>
    public int WrittenPackets { get; private set; }

    /// <summary>If set: the packets that the far TUN got, in order, super-packets cut.</summary>
    public List<byte[]>? Delivered { get; set; }

    public long RentedBytes => _nearPool.RentedBytes + _farPool.RentedBytes;

    /// <summary>A packet comes from the near TUN.</summary>
    public void Send(ReadOnlySpan<byte> bytes, OffloadHeader offload)
    {
        Assert.True(_nearPool.TryRent(Limits.PacketBytesMax, out Packet? packet));
        packet.SetLength(bytes.Length);
        bytes.CopyTo(packet.Bytes);
        offload.Write(packet.OffloadHeader);
        Near.Entered(packet.Length);
        DropReason drop = _forwarder.Route(packet, SampleRoutes.SeenByA, out NextHop hop);
        if (drop != DropReason.None)
        {
            Near.DroppedOut(drop, null);
            packet.Dispose();
            return;
        }

        Assert.True(hop.IsPeerWith(SampleRoutes.PeerB));
        _queues.TryEnqueue(_now, packet);
    }

    /// <summary>Time passes, then everything that waits goes over.</summary>
    public void Move(TimeSpan later)
    {
        _now += later;
        while (_queues.TryDequeue(_now, out Packet? packet))
        {
            if (!_batch.TryAdd(packet))
            {
                Receive();
                Assert.True(_batch.TryAdd(packet));
            }

            Near.Sent(_nearPeer, packet.Length);
            packet.Dispose();
        }

        Receive();
        while (_coalescer.TryFlush(out Packet? merged))
        {
            Write(merged);
        }

        Far.Settle(_farPeer, refused: 0);
    }

    // The frame arrives in two pieces, so that some packet spans them.
    private void Receive()
    {
        Span<byte> all = _batch.Frame[Limits.FrameHeaderBytes..];
        Read(all[..(all.Length / 2)]);
        Read(all[(all.Length / 2)..]);
        _batch.Clear();
    }

    private void Read(Span<byte> data)
    {
        CapsuleStatus status;
        while ((status = _reader.Read(ref data, out CapsuleView capsule)) == CapsuleStatus.Complete)
        {
            bool isOffloaded = capsule.Type == CapsuleType.OffloadedPacket;
            Span<byte> header = isOffloaded ? capsule.Value[..OffloadHeader.SizeBytes] : default;
            Span<byte> packet = capsule.Value[header.Length..];
            Far.Received(_farPeer, packet.Length);
            DropReason drop = Deliverer.Check(
                capsule.Type, capsule.Value, SampleRoutes.PeerA, SampleRoutes.SeenByB, HelloFeatures.All);
            if (drop == DropReason.None)
            {
                Deliver(header, packet);
            }
            else
            {
                Far.DroppedIn(drop, _farPeer);
            }

            capsule.Packet?.Dispose();
        }

        Assert.True(status == CapsuleStatus.NeedMore); // Assert.Equal would allocate
    }

    private void Deliver(Span<byte> header, Span<byte> packet)
    {
        Far.Delivering(_farPeer, packet.Length);
        bool isTaken = _coalescer.TryTake(header, packet);
        while (_coalescer.TryPoll(out Packet? ready))
        {
            Write(ready);
        }

        if (!isTaken)
        {
            Writes++;
            WrittenPackets++;
            OffloadHeader offload = header.IsEmpty ? default : OffloadHeader.Read(header);
            Delivered?.AddRange(FlowMixture.Cut(packet.ToArray(), offload));
        }
    }

    private void Write(Packet packet)
    {
        OffloadHeader offload = OffloadHeader.Read(packet.OffloadHeader);
        int payload = packet.Length - offload.HeaderLength;
        Writes++;
        Delivered?.AddRange(FlowMixture.Cut(packet.Bytes.ToArray(), offload));
        WrittenPackets += offload.RawType == 0 ? 1 : (payload + offload.SegmentSize - 1) / offload.SegmentSize;
        packet.Dispose();
    }
}
