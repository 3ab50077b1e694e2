using System;
using System.Diagnostics;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>Turns the packets that wait for a peer into frames of one tunnel stream.</summary>
/// <remarks>
/// A large packet is sealed from the slot where it lies; small ones are gathered into one frame by a short copy.
/// Packets are taken from the queue only while the stream takes bytes, so what waits, waits where flows are kept apart.
/// Whatever credit there is, is used: a capsule may end in one frame and go on in the next one, so a peer that grants
/// little, and grants it late, still gets everything. What began is finished before anything else is sent.
/// </remarks>
internal sealed class LaneSender
{
    /// <summary>
    /// A capsule up to this size is gathered with others: copying it costs less than a Noise message of its own.
    /// </summary>
    public const int GatherBytesMax = 4096;

    /// <summary>
    /// What one turn begins to send, bytes. It ends with the packet that reaches it, so a turn is two of the largest or
    /// 160 KiB: less than half of what a burst of the device may bring. So more is read than sent, and what is too much
    /// for the path comes into the queues, where flows are kept apart.
    /// </summary>
    private const int TurnBytesMax = 3 * Limits.PacketBytesMax / 2;

    private readonly PacketLedger _ledger;
    private readonly PacketPool _pool;
    private readonly CapsuleBatch _batch;
    private readonly WorkerPeer _peer;
    private Packet? _begun;       // a capsule of which _begunBytes are sent
    private int _begunBytes;
    private Packet? _source;      // a super-packet that the peer does not take whole; segments from _segment on wait
    private SegmentPlan _plan;
    private int _segment;

    /// <summary>Makes the sender of one lane.</summary>
    /// <param name="ledger">The worker's.</param>
    /// <param name="pool">The worker's.</param>
    /// <param name="batch">The worker's; empty between two calls.</param>
    /// <param name="peer">Whose packets are sent.</param>
    public LaneSender(PacketLedger ledger, PacketPool pool, CapsuleBatch batch, WorkerPeer peer)
    {
        _ledger = ledger;
        _pool = pool;
        _batch = batch;
        _peer = peer;
    }

    /// <summary>Whether a capsule or a super-packet is sent in part.</summary>
    public bool HasBegun => _begun is not null || _source is not null;

    /// <summary>Sends what waits, as far as the stream takes it.</summary>
    /// <param name="now">Now.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="takes">Which unfinished packets the peer takes.</param>
    /// <param name="onlyBegun">Whether nothing new may be begun.</param>
    /// <returns>Whether the turn is over though more waits and the stream may take more.</returns>
    public bool Send(Instant now, InlineStream stream, HelloFeatures takes, bool onlyBegun)
    {
        Debug.Assert(_batch.Count == 0);
        int turnBytes = 0;
        while (TryFinishBegun(stream))
        {
            if (_source is not null)
            {
                CutNext();
            }
            else if (onlyBegun || turnBytes >= TurnBytesMax || !HasRoom(stream)
                || !_peer.Queue.TryDequeue(now, out Packet? packet))
            {
                break;
            }
            else
            {
                turnBytes += packet.Length;
                Begin(packet, takes);
            }
        }

        WriteBatch(stream);
        stream.Flush();
        return turnBytes >= TurnBytesMax && !_peer.Queue.IsEmpty;
    }

    /// <summary>Sends a capsule that carries no packet, ahead of those that wait.</summary>
    /// <returns>False if a capsule is sent in part, or the stream does not take it now.</returns>
    public bool TrySendControl(InlineStream stream, CapsuleType type, ReadOnlySpan<byte> value)
    {
        Debug.Assert(_batch.Count == 0);
        if (HasBegun)
        {
            return false;
        }

        if (stream.WritableBytes < Capsule.HeaderBytes + value.Length)
        {
            stream.WantToWrite();
            return false;
        }

        bool isAdded = _batch.TryAdd(type, value);
        Debug.Assert(isAdded, "an empty batch holds every control capsule");

        WriteBatch(stream);
        stream.Flush();
        return true;
    }

    /// <summary>The stream is gone: what was sent in part is given back.</summary>
    public void Clear()
    {
        _begun?.Dispose();
        _begun = null;
        _source?.Dispose();
        _source = null;
    }

    private static bool Takes(HelloFeatures takes, Packet packet) =>
        OffloadLimits.Allow(OffloadHeader.Read(packet.OffloadHeader), packet.Length, takes);

    // The batch leaves first if it is all that the stream takes now.
    private bool HasRoom(InlineStream stream)
    {
        if (_batch.Count > 0 && stream.WritableBytes <= _batch.PayloadBytes)
        {
            WriteBatch(stream);
        }

        return stream.WritableBytes > 0;
    }

    private void Begin(Packet packet, HelloFeatures takes)
    {
        int length = packet.Length;
        DropReason drop = DropReason.None;
        if (!packet.IsOffloaded || Takes(takes, packet))
        {
            _begun = packet;
        }
        else if (OffloadHeader.Read(packet.OffloadHeader).Type == OffloadType.None)
        {
            drop = ChecksumCompleter.Complete(packet);
            _begun = packet;
        }
        else
        {
            drop = BeginSegments(packet);
        }

        if (drop == DropReason.None)
        {
            _ledger.Sent(_peer.Ledger, length);
            return;
        }

        _begun = null;
        _source = null;
        _ledger.DroppedOut(drop, _peer.Ledger);
        packet.Dispose();
    }

    private DropReason BeginSegments(Packet packet)
    {
        DropReason drop = Segmenter.Plan(packet, out _plan);
        if (drop != DropReason.None)
        {
            return drop;
        }

        _source = packet;
        _segment = 0;
        return TryCutNext() ? DropReason.None : DropReason.PoolExhausted;
    }

    private bool TryCutNext()
    {
        Debug.Assert(_source is not null);
        Debug.Assert(_begun is null);
        if (_segment < _plan.Count && Segmenter.TryCut(_source, _plan, _segment, _pool, out _begun))
        {
            _segment++;
            return true;
        }

        return false;
    }

    private void CutNext()
    {
        if (!TryCutNext())
        {
            // The end; or no slot is left: the segments that are missing are lost as on a link.
            _source!.Dispose();
            _source = null;
        }
    }

    // Returns false if the stream takes no more; what is left waits for it.
    private bool TryFinishBegun(InlineStream stream)
    {
        if (_begun is not { } packet)
        {
            return true;
        }

        int bytes = Capsule.SizeOf(packet);
        if (_begunBytes == 0 && bytes <= GatherBytesMax)
        {
            int room = stream.WritableBytes - _batch.PayloadBytes;
            if (bytes > Math.Min(_batch.FreeBytes, room))
            {
                WriteBatch(stream);
                room = stream.WritableBytes;
            }

            if (bytes <= room && _batch.TryAdd(packet))
            {
                EndBegun(packet);
                return true;
            }
        }

        WriteBatch(stream);
        Span<byte> capsule = Capsule.Frame(packet);
        while (_begunBytes < bytes)
        {
            int room = stream.WritableBytes;
            if (room <= 0)
            {
                return false;
            }

            int length = Math.Min(bytes - _begunBytes, Math.Min(room, Capsule.FramePayloadBytesMax));
            Write(stream, capsule.Slice(_begunBytes, Limits.FrameHeaderBytes + length));
            _begunBytes += length;
        }

        EndBegun(packet);
        return true;
    }

    private void EndBegun(Packet packet)
    {
        _begun = null;
        _begunBytes = 0;
        packet.Dispose();
    }

    private void WriteBatch(InlineStream stream)
    {
        if (_batch.Count > 0)
        {
            Write(stream, _batch.Frame);
            _batch.Clear();
        }
    }

    private static void Write(InlineStream stream, Span<byte> frame)
    {
        if (!stream.TryWrite(frame))
        {
            Environment.FailFast("a frame found no room that was there before"); // it would tear the stream's capsules
        }
    }
}
