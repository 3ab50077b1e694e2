using System;

namespace EdgeMesh.Forwarding;

/// <summary>The figures of a ledger: one per entry and one per reason. They only grow.</summary>
/// <remarks>The worker writes, anybody reads. A figure read meanwhile is the old one or the new one.</remarks>
internal sealed class LedgerCounts
{
    private const int EntryCount = (int)LedgerEntry.DroppedIn + 1;

    private readonly long[] _packets = new long[EntryCount];
    private readonly long[] _bytes = new long[EntryCount];
    private readonly long[] _droppedOut = new long[DropReasons.Count];
    private readonly long[] _droppedIn = new long[DropReasons.Count];

    public ReadOnlySpan<long> DroppedOut => _droppedOut;

    public ReadOnlySpan<long> DroppedIn => _droppedIn;

    public long PacketsOf(LedgerEntry entry) => _packets[(int)entry];

    public long BytesOf(LedgerEntry entry) => _bytes[(int)entry];

    public void Add(LedgerEntry entry, DropReason reason, int packets, long bytes)
    {
        _packets[(int)entry] += packets;
        _bytes[(int)entry] += bytes;
        if (entry == LedgerEntry.DroppedOut)
        {
            _droppedOut[(int)reason] += packets;
        }
        else if (entry == LedgerEntry.DroppedIn)
        {
            _droppedIn[(int)reason] += packets;
        }
    }
}
