using System;
using System.Diagnostics;

namespace EdgeMesh.Forwarding;

/// <summary>
/// What became of a worker's packets. Every packet enters, leaves and ends through one of these methods.
/// </summary>
/// <remarks>
/// The unit is the packet as it came in: an offloaded packet counts once, however many segments it stands for, and what
/// the coalescer merges counts by its parts. So nothing gets lost, at one worker and in the sum of all:
/// <code>
///   out:  Entered + TakenOver = Sent + HandedOver + dropped out + queued
///   in:   Received            = Delivered + dropped in + held
/// </code>
/// Every figure only grows. The worker writes, anybody reads; nothing here allocates but <see cref="MakePeer"/>.
/// </remarks>
public sealed class PacketLedger
{
    private readonly LedgerCounts _counts = new();

    /// <summary>Packets read from the TUN.</summary>
    public long EnteredPackets => _counts.PacketsOf(LedgerEntry.Entered);

    /// <summary>Their bytes.</summary>
    public long EnteredBytes => _counts.BytesOf(LedgerEntry.Entered);

    /// <summary>Packets that connections took.</summary>
    public long SentPackets => _counts.PacketsOf(LedgerEntry.Sent);

    /// <summary>Their bytes.</summary>
    public long SentBytes => _counts.BytesOf(LedgerEntry.Sent);

    /// <summary>Packets that other workers got from this one.</summary>
    public long HandedOverPackets => _counts.PacketsOf(LedgerEntry.HandedOver);

    /// <summary>Their bytes.</summary>
    public long HandedOverBytes => _counts.BytesOf(LedgerEntry.HandedOver);

    /// <summary>Packets that this worker got from others.</summary>
    public long TakenOverPackets => _counts.PacketsOf(LedgerEntry.TakenOver);

    /// <summary>Their bytes.</summary>
    public long TakenOverBytes => _counts.BytesOf(LedgerEntry.TakenOver);

    /// <summary>Packets that came in capsules.</summary>
    public long ReceivedPackets => _counts.PacketsOf(LedgerEntry.Received);

    /// <summary>Their bytes.</summary>
    public long ReceivedBytes => _counts.BytesOf(LedgerEntry.Received);

    /// <summary>Packets that the TUN took.</summary>
    public long DeliveredPackets => _counts.PacketsOf(LedgerEntry.Delivered);

    /// <summary>Their bytes.</summary>
    public long DeliveredBytes => _counts.BytesOf(LedgerEntry.Delivered);

    /// <summary>All drops on the way out, packets.</summary>
    public long DroppedOutPackets => _counts.PacketsOf(LedgerEntry.DroppedOut);

    /// <summary>All drops on the way in, packets.</summary>
    public long DroppedInPackets => _counts.PacketsOf(LedgerEntry.DroppedIn);

    /// <summary>Drops on the way out, packets, by <see cref="DropReason"/>.</summary>
    public ReadOnlySpan<long> DroppedOutByReason => _counts.DroppedOut;

    /// <summary>Drops on the way in, packets, by <see cref="DropReason"/>.</summary>
    public ReadOnlySpan<long> DroppedInByReason => _counts.DroppedIn;

    /// <summary>Packets that came and neither left nor ended: they must be in a queue.</summary>
    public long OutstandingOut =>
        EnteredPackets + TakenOverPackets - SentPackets - HandedOverPackets - DroppedOutPackets;

    /// <summary>Packets that were received and neither delivered nor dropped: somebody must hold them.</summary>
    public long OutstandingIn => ReceivedPackets - DeliveredPackets - DroppedInPackets;

    /// <summary>Makes the ledger of one peer at this worker.</summary>
    public PeerLedger MakePeer() => new(this);

    /// <summary>A packet came from the TUN; whom it goes to is not known yet.</summary>
    public void Entered(int bytes) => Write(LedgerEntry.Entered, null, DropReason.None, 1, bytes);

    /// <summary>A connection of the peer took a packet.</summary>
    public void Sent(PeerLedger peer, int bytes) => Write(LedgerEntry.Sent, peer, DropReason.None, 1, bytes);

    /// <summary>Another worker gets a packet: from here on it is in that one's ledger.</summary>
    public void HandedOver(int bytes) => Write(LedgerEntry.HandedOver, null, DropReason.None, 1, bytes);

    /// <summary>A packet came from another worker.</summary>
    public void TakenOver(int bytes) => Write(LedgerEntry.TakenOver, null, DropReason.None, 1, bytes);

    /// <summary>Packets ended on the way out.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="peer">Whom they were for; null if that is not known.</param>
    /// <param name="packets">How many.</param>
    public void DroppedOut(DropReason reason, PeerLedger? peer, int packets = 1) =>
        Write(LedgerEntry.DroppedOut, peer, reason, packets, 0);

    /// <summary>A packet came from the peer.</summary>
    public void Received(PeerLedger peer, int bytes) => Write(LedgerEntry.Received, peer, DropReason.None, 1, bytes);

    /// <summary>
    /// The TUN gets a packet of the peer, but may refuse it yet: <see cref="Settle"/> says what became of it.
    /// </summary>
    public void Delivering(PeerLedger peer, int bytes)
    {
        ArgumentNullException.ThrowIfNull(peer);
        Debug.Assert(ReferenceEquals(peer.Worker, this));
        peer.DeliveringPackets++;
        peer.DeliveringBytes += bytes;
    }

    /// <summary>The TUN was flushed: what it took is delivered, what it refused is dropped.</summary>
    /// <param name="peer">Whose packets these were.</param>
    /// <param name="refused">
    /// How many the kernel refused. Which ones is not known, so the bytes delivered are those of average packets.
    /// </param>
    public void Settle(PeerLedger peer, int refused)
    {
        ArgumentNullException.ThrowIfNull(peer);
        Debug.Assert(refused >= 0);
        int packets = peer.DeliveringPackets;
        if (packets == 0)
        {
            return;
        }

        refused = Math.Min(refused, packets); // an answer of our own may be among them, and is no packet of the peer
        int taken = packets - refused;
        long bytes = refused == 0 ? peer.DeliveringBytes : peer.DeliveringBytes * taken / packets;
        peer.DeliveringPackets = 0;
        peer.DeliveringBytes = 0;
        Write(LedgerEntry.Delivered, peer, DropReason.None, taken, bytes);
        if (refused > 0)
        {
            Write(LedgerEntry.DroppedIn, peer, DropReason.TunError, refused, 0);
        }
    }

    /// <summary>Packets ended on the way in.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="peer">Whom they came from; null if that is not known.</param>
    /// <param name="packets">How many.</param>
    public void DroppedIn(DropReason reason, PeerLedger? peer, int packets = 1) =>
        Write(LedgerEntry.DroppedIn, peer, reason, packets, 0);

    // The one place that every entry passes. What is to see each packet's fate, such as a flight recorder, belongs
    // here, as a plain call: no delegate, nothing virtual.
    private void Write(LedgerEntry entry, PeerLedger? peer, DropReason reason, int packets, long bytes)
    {
        Debug.Assert(packets >= 0);
        Debug.Assert(bytes >= 0);
        Debug.Assert(peer is null || ReferenceEquals(peer.Worker, this), "another worker's ledger of the peer");
        _counts.Add(entry, reason, packets, bytes);
        peer?.Counts.Add(entry, reason, packets, bytes);
    }
}
