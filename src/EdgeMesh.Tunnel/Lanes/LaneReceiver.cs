using System;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>Hands the packets of capsules to the packet device. One per worker, on its thread.</summary>
/// <remarks>
/// Packets are written from where they were decrypted, so everything must be with the kernel before that memory is
/// used again: that is what <see cref="EndOfBatch"/> is for. Small packets of one flow are put together first, for
/// the kernel takes a large packet in about the time of a small one.
/// </remarks>
internal sealed class LaneReceiver
{
    private readonly PacketLedger _ledger;
    private readonly PacketDevice _device;
    private readonly Coalescer? _coalescer;
    private readonly HelloFeatures _features;

    /// <summary>Makes the receiver of one worker.</summary>
    public LaneReceiver(PacketLedger ledger, PacketDevice device, PacketPool pool)
    {
        _ledger = ledger;
        _device = device;
        _features = FeaturesOf(device.Offloads);
        _coalescer = (_features & (HelloFeatures.Tcp | HelloFeatures.Udp)) != HelloFeatures.None
            ? new Coalescer(pool, _features.HasFlag(HelloFeatures.Tcp), _features.HasFlag(HelloFeatures.Udp))
            : null;
    }

    /// <summary>Routes by which senders are judged; the worker sets them with each mesh view.</summary>
    public RoutingTables Tables { get; set; } = RoutingTables.Empty;

    /// <summary>What we tell peers that they may send unfinished.</summary>
    public static HelloFeatures FeaturesOf(DeviceOffloads offloads) =>
        (offloads.HasFlag(DeviceOffloads.Checksum) ? HelloFeatures.Checksum : HelloFeatures.None)
        | (offloads.HasFlag(DeviceOffloads.Tcp) ? HelloFeatures.Tcp : HelloFeatures.None)
        | (offloads.HasFlag(DeviceOffloads.Udp) ? HelloFeatures.Udp : HelloFeatures.None);

    /// <summary>Takes a packet that came from a peer.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="capsule">Packet or offloaded packet; its own slot, if it has one, is disposed.</param>
    public void Receive(WorkerPeer peer, CapsuleView capsule)
    {
        bool isOffloaded = capsule.Type == CapsuleType.OffloadedPacket;
        int length = Math.Max(0, capsule.Value.Length - (isOffloaded ? OffloadHeader.SizeBytes : 0));
        _ledger.Received(peer.Ledger, length);
        DropReason drop = peer.IsRemoved
            ? DropReason.PeerDown // its index may be another peer's by now
            : Deliverer.Check(capsule.Type, capsule.Value, peer.Info.Index, Tables, _features);
        if (drop != DropReason.None)
        {
            _ledger.DroppedIn(drop, peer.Ledger);
            capsule.Packet?.Dispose();
            return;
        }

        Span<byte> header = isOffloaded ? capsule.Value[..OffloadHeader.SizeBytes] : default;
        Span<byte> packet = isOffloaded ? capsule.Value[OffloadHeader.SizeBytes..] : capsule.Value;
        Deliver(peer, header, packet, capsule.Packet);
    }

    /// <summary>A packet came that the pool had no slot for.</summary>
    public void CountExhausted(WorkerPeer peer)
    {
        _ledger.Received(peer.Ledger, 0);
        _ledger.DroppedIn(DropReason.PoolExhausted, peer.Ledger);
    }

    /// <summary>Gives everything that came from a peer to the kernel.</summary>
    public void EndOfBatch(WorkerPeer peer)
    {
        while (_coalescer is not null && _coalescer.TryFlush(out Packet? merged))
        {
            _device.Write(merged);
        }

        _ledger.Settle(peer.Ledger, _device.Flush());
    }

    private void Deliver(WorkerPeer peer, Span<byte> header, Span<byte> packet, Packet? owned)
    {
        _ledger.Delivering(peer.Ledger, packet.Length);
        bool isTaken = false;
        if (_coalescer is not null)
        {
            isTaken = _coalescer.TryTake(header, packet);
            while (_coalescer.TryPoll(out Packet? ready))
            {
                _device.Write(ready);
            }
        }

        if (isTaken)
        {
            owned?.Dispose();
        }
        else if (owned is not null)
        {
            _device.Write(owned);
        }
        else
        {
            _device.WriteBorrowed(header, packet);
        }
    }
}
