using System;

namespace EdgeMesh.Forwarding;

/// <summary>What became of one peer's packets at one worker. <see cref="PacketLedger"/> writes it.</summary>
/// <remarks>
/// A packet out has a peer once it is routed, a packet in always has. What ended before, or was handed over to another
/// worker, is in the worker's ledger only. All figures only grow; the worker writes, anybody reads.
/// </remarks>
public sealed class PeerLedger
{
    internal PeerLedger(PacketLedger worker) => Worker = worker;

    /// <summary>Packets that the peer's connections took.</summary>
    public long SentPackets => Counts.PacketsOf(LedgerEntry.Sent);

    /// <summary>Their bytes, IP headers included.</summary>
    public long SentBytes => Counts.BytesOf(LedgerEntry.Sent);

    /// <summary>Packets that came from the peer, before any check.</summary>
    public long ReceivedPackets => Counts.PacketsOf(LedgerEntry.Received);

    /// <summary>Their bytes, IP headers included.</summary>
    public long ReceivedBytes => Counts.BytesOf(LedgerEntry.Received);

    /// <summary>Packets from the peer that the TUN took.</summary>
    public long DeliveredPackets => Counts.PacketsOf(LedgerEntry.Delivered);

    /// <summary>Their bytes, IP headers included.</summary>
    public long DeliveredBytes => Counts.BytesOf(LedgerEntry.Delivered);

    /// <summary>Packets to the peer that ended here.</summary>
    public long DroppedOutPackets => Counts.PacketsOf(LedgerEntry.DroppedOut);

    /// <summary>Packets from the peer that ended here.</summary>
    public long DroppedInPackets => Counts.PacketsOf(LedgerEntry.DroppedIn);

    /// <summary>Packets to the peer that ended here, by <see cref="DropReason"/>.</summary>
    public ReadOnlySpan<long> DroppedOutByReason => Counts.DroppedOut;

    /// <summary>Packets from the peer that ended here, by <see cref="DropReason"/>.</summary>
    public ReadOnlySpan<long> DroppedInByReason => Counts.DroppedIn;

    /// <summary>The ledger that writes this one.</summary>
    internal PacketLedger Worker { get; }

    internal LedgerCounts Counts { get; } = new();

    /// <summary>Packets that the TUN has and has not flushed.</summary>
    internal int DeliveringPackets { get; set; }

    /// <summary>Their bytes.</summary>
    internal long DeliveringBytes { get; set; }
}
