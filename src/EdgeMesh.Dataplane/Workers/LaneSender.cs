using System;
using System.Diagnostics;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Libp2p;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>
/// Turns the packets that wait for a peer into frames of its tunnel stream. One per worker, on its thread.
/// </summary>
/// <remarks>
/// A large packet is sealed from the slot where it lies; small ones are gathered into one frame by a short copy.
/// Packets are taken from the queue only while the stream takes them, so what waits, waits where flows are kept apart.
/// </remarks>
internal sealed class LaneSender(PacketLedger ledger, PacketPool pool)
{
    /// <summary>
    /// A capsule up to this size is gathered with others: copying it costs less than a Noise message of its own.
    /// </summary>
    public const int GatherBytesMax = 4096;

    /// <summary>
    /// What one turn of <see cref="Send"/> may write: a full batch, and the largest packet or its segments with their
    /// headers.
    /// </summary>
    private const int RoomBytes = Capsule.FramePayloadBytesMax + Limits.PacketBytesMax + Segmenter.OverheadBytesMax;

    private readonly CapsuleBatch _batch = new();

    /// <summary>Frames written so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Sends what waits for the lane's peer, as far as its stream takes it.</summary>
    public void Send(Instant now, Lane lane, InlineStream stream)
    {
        // Invariant: the stream has room for a full batch and the largest packet, cut or whole, so no write below
        // fails.
        Debug.Assert(_batch.Count == 0);
        while (stream.HasRoomFor(RoomBytes) && lane.Peer.Queue.TryDequeue(now, out Packet? packet))
        {
            if (packet.IsOffloaded && !lane.Takes(packet))
            {
                SendPlain(lane, stream, packet);
            }
            else
            {
                SendOne(lane, stream, packet);
            }
        }

        WriteBatch(stream);
        stream.Flush();
    }

    /// <summary>Sends a capsule that carries no packet, ahead of those that wait.</summary>
    /// <returns>False if the stream does not take it now.</returns>
    public bool TrySendControl(InlineStream stream, CapsuleType type, ReadOnlySpan<byte> value)
    {
        Debug.Assert(_batch.Count == 0);
        if (stream.WritableBytes < Capsule.HeaderBytes + value.Length || !_batch.TryAdd(type, value))
        {
            return false;
        }

        WriteBatch(stream);
        stream.Flush();
        return true;
    }

    private void SendOne(Lane lane, InlineStream stream, Packet packet)
    {
        ledger.Sent(lane.Peer.Ledger, packet.Length);
        if (Capsule.SizeOf(packet) <= GatherBytesMax)
        {
            Gather(stream, packet);
        }
        else
        {
            WriteBatch(stream);
            Span<byte> rest = Capsule.Frame(packet);
            while (!rest.IsEmpty)
            {
                Write(stream, Capsule.TakeFrame(ref rest));
            }
        }

        packet.Dispose();
    }

    private void Gather(InlineStream stream, Packet packet)
    {
        if (!_batch.TryAdd(packet))
        {
            WriteBatch(stream);
            bool isAdded = _batch.TryAdd(packet);
            Debug.Assert(isAdded, "an empty batch holds every small packet");
        }
    }

    /// <summary>
    /// Cuts or completes a packet that the peer does not take as it is, then sends what that makes of it.
    /// </summary>
    private void SendPlain(Lane lane, InlineStream stream, Packet packet)
    {
        bool isSuperPacket = OffloadHeader.Read(packet.OffloadHeader).Type != OffloadType.None;
        DropReason drop = isSuperPacket ? SendSegments(stream, packet) : ChecksumCompleter.Complete(packet);
        if (drop != DropReason.None)
        {
            ledger.DroppedOut(drop, lane.Peer.Ledger);
            packet.Dispose();
        }
        else if (isSuperPacket)
        {
            ledger.Sent(lane.Peer.Ledger, packet.Length);
            packet.Dispose();
        }
        else
        {
            SendOne(lane, stream, packet);
        }
    }

    private DropReason SendSegments(InlineStream stream, Packet packet)
    {
        DropReason drop = Segmenter.Plan(packet, out SegmentPlan plan);
        for (int i = 0; drop == DropReason.None && i < plan.Count; i++)
        {
            if (!Segmenter.TryCut(packet, plan, i, pool, out Packet? segment))
            {
                // Without any it is a drop; behind the first, the others are lost like segments on a link.
                return i == 0 ? DropReason.PoolExhausted : DropReason.None;
            }

            Gather(stream, segment);
            segment.Dispose();
        }

        return drop;
    }

    private void WriteBatch(InlineStream stream)
    {
        if (_batch.Count > 0)
        {
            Write(stream, _batch.Frame);
            _batch.Clear();
        }
    }

    private void Write(InlineStream stream, Span<byte> frame)
    {
        if (!stream.TryWrite(frame))
        {
            Environment.FailFast("a frame found no room that was there before"); // it would tear the stream's capsules
        }

        Frames++;
    }
}
