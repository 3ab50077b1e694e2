using System;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>Hands the packets of capsules to the TUN. One per worker, on its thread.</summary>
/// <remarks>
/// Packets are written from where they were decrypted, so everything must be with the kernel before that memory is
/// used again: that is what <see cref="EndOfBatch"/> is for. Small packets of one flow are put together first, for
/// the kernel takes a large packet in about the time of a small one.
/// </remarks>
internal sealed class LaneReceiver
{
    private readonly Worker _worker;
    private readonly TunWriter _tun;
    private readonly Coalescer? _coalescer;
    private readonly HelloFeatures _features;

    /// <summary>Makes the receiver of <paramref name="worker"/>.</summary>
    public LaneReceiver(Worker worker, HelloFeatures features)
    {
        _worker = worker;
        _tun = worker.Tun.Output;
        _features = features;
        _coalescer = features != HelloFeatures.None
            ? new Coalescer(worker.Pool, features.HasFlag(HelloFeatures.Tcp), features.HasFlag(HelloFeatures.Udp))
            : null;
    }

    /// <summary>Takes a packet that came from a peer.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="capsule">Packet or offloaded packet; its own slot, if it has one, is disposed.</param>
    public void Receive(WorkerPeer peer, CapsuleView capsule)
    {
        bool isOffloaded = capsule.Type == CapsuleType.OffloadedPacket;
        int length = Math.Max(0, capsule.Value.Length - (isOffloaded ? OffloadHeader.SizeBytes : 0));
        _worker.Ledger.Received(peer.Ledger, length);
        DropReason drop = Deliverer.Check(
            capsule.Type, capsule.Value, peer.Info.Index, _worker.View.Tables, _features);
        if (drop != DropReason.None)
        {
            _worker.Ledger.DroppedIn(drop, peer.Ledger);
            capsule.Packet?.Dispose();
            return;
        }

        Span<byte> header = isOffloaded ? capsule.Value[..OffloadHeader.SizeBytes] : default;
        Span<byte> packet = isOffloaded ? capsule.Value[OffloadHeader.SizeBytes..] : capsule.Value;
        _worker.Ledger.Delivering(peer.Ledger, packet.Length);
        Deliver(header, packet, capsule.Packet);
    }

    /// <summary>Gives everything to the kernel.</summary>
    /// <param name="peer">Whose batch it was.</param>
    public void EndOfBatch(WorkerPeer peer)
    {
        while (_coalescer is not null && _coalescer.TryFlush(out Packet? merged))
        {
            _tun.Write(merged);
        }

        _worker.Ledger.Settle(peer.Ledger, _tun.Flush());
    }

    private void Deliver(Span<byte> header, Span<byte> packet, Packet? owned)
    {
        bool isTaken = false;
        if (_coalescer is not null)
        {
            isTaken = _coalescer.TryTake(header, packet);
            while (_coalescer.TryPoll(out Packet? ready))
            {
                _tun.Write(ready);
            }
        }

        if (isTaken)
        {
            owned?.Dispose();
        }
        else if (owned is not null)
        {
            _tun.Write(owned);
        }
        else
        {
            _tun.WriteBorrowed(header, packet);
        }
    }
}
