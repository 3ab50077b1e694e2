using System;

namespace EdgeMesh.Forwarding;

/// <summary>What became of a worker's packets. Plain fields: the worker writes, anybody reads.</summary>
/// <remarks>
/// The unit is the packet as it came in: an offloaded packet counts once, however many segments it stands for, and what
/// the coalescer merges counts by its parts. So nothing gets lost:
/// <code>
///   out:  FromTun  = Sent      + dropped out + still queued
///   in:   Received = Delivered + dropped in  + still held
/// </code></remarks>
public sealed class PacketCounters
{
    private readonly long[] _droppedOut = new long[DropReasons.Count];
    private readonly long[] _droppedIn = new long[DropReasons.Count];

    /// <summary>Packets read from the TUN.</summary>
    public long FromTunPackets { get; private set; }

    /// <summary>Their bytes.</summary>
    public long FromTunBytes { get; private set; }

    /// <summary>Packets handed to a peer's connection.</summary>
    public long SentPackets { get; private set; }

    /// <summary>Their bytes.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Packets that came in capsules.</summary>
    public long ReceivedPackets { get; private set; }

    /// <summary>Their bytes.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>Packets that the TUN took.</summary>
    public long DeliveredPackets { get; private set; }

    /// <summary>Their bytes.</summary>
    public long DeliveredBytes { get; private set; }

    /// <summary>Drops on the way out, by <see cref="DropReason"/>.</summary>
    public ReadOnlySpan<long> DroppedOut => _droppedOut;

    /// <summary>Drops on the way in, by <see cref="DropReason"/>.</summary>
    public ReadOnlySpan<long> DroppedIn => _droppedIn;

    /// <summary>All drops on the way out.</summary>
    public long DroppedOutPackets => Sum(_droppedOut);

    /// <summary>All drops on the way in.</summary>
    public long DroppedInPackets => Sum(_droppedIn);

    /// <summary>Packets that came from the TUN and are neither sent nor dropped: they must be in a queue.</summary>
    public long OutstandingOut => FromTunPackets - SentPackets - DroppedOutPackets;

    /// <summary>Packets that were received and are neither delivered nor dropped: somebody must hold them.</summary>
    public long OutstandingIn => ReceivedPackets - DeliveredPackets - DroppedInPackets;

    /// <summary>Counts a packet read from the TUN.</summary>
    public void CountFromTun(int bytes)
    {
        FromTunPackets++;
        FromTunBytes += bytes;
    }

    /// <summary>Counts a packet handed to a peer's connection.</summary>
    public void CountSent(int bytes)
    {
        SentPackets++;
        SentBytes += bytes;
    }

    /// <summary>Counts a packet that came in a capsule.</summary>
    public void CountReceived(int bytes)
    {
        ReceivedPackets++;
        ReceivedBytes += bytes;
    }

    /// <summary>Counts a packet that the TUN took.</summary>
    public void CountDelivered(int bytes)
    {
        DeliveredPackets++;
        DeliveredBytes += bytes;
    }

    /// <summary>Takes back packets that the kernel refused at the flush, and counts them as dropped.</summary>
    /// <param name="packets">How many were counted as delivered but were not.</param>
    public void CountRefused(int packets)
    {
        DeliveredPackets -= packets;
        _droppedIn[(int)DropReason.TunError] += packets;
    }

    /// <summary>Counts drops on the way out.</summary>
    public void DropOut(DropReason reason, long packets = 1) => _droppedOut[(int)reason] += packets;

    /// <summary>Counts drops on the way in.</summary>
    public void DropIn(DropReason reason, long packets = 1) => _droppedIn[(int)reason] += packets;

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (long count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
