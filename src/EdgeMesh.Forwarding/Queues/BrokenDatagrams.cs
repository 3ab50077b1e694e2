using System;
using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>
/// Fragmented datagrams that lost a fragment not long ago: what else comes of them is of no use to their receiver.
/// </summary>
/// <remarks>
/// A small table, one entry per place: a newer datagram takes the place of an older one, whose other fragments then
/// pass. An entry holds for packets that were queued within <see cref="Memory"/>, as identifiers are used again.
/// </remarks>
internal sealed class BrokenDatagrams
{
    /// <summary>Datagrams that are remembered, at most. A power of two.</summary>
    public const int Capacity = 64;

    /// <summary>
    /// How long fragments of one datagram may be apart: 45 of them take 54 ms at 10 Mbit/s. The 65 536 identifiers of
    /// a pair of hosts last longer even at 300 000 datagrams a second.
    /// </summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(200);

    private readonly Entry[] _entries = new Entry[Capacity];

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte CapacityIsPowerOfTwo = (Capacity & (Capacity - 1)) == 0 ? 0 : -1;

    /// <summary>A fragment was dropped.</summary>
    /// <param name="now">Now.</param>
    /// <param name="datagramId">Of which datagram.</param>
    /// <param name="reason">Why; the others end for the same reason.</param>
    public void Add(Instant now, uint datagramId, DropReason reason) =>
        _entries[datagramId & (Capacity - 1)] = new Entry(datagramId, now + Memory, reason);

    /// <summary>Whether a queued packet belongs to such a datagram, and why that lost a fragment.</summary>
    public DropReason ReasonFor(Packet packet)
    {
        if (packet.DatagramId == 0)
        {
            return DropReason.None;
        }

        ref readonly Entry entry = ref _entries[packet.DatagramId & (Capacity - 1)];
        bool isPart = packet.DatagramId == entry.DatagramId && packet.EnqueuedAt <= entry.Until;
        return isPart ? entry.Reason : DropReason.None;
    }

    private readonly record struct Entry(uint DatagramId, Instant Until, DropReason Reason);
}
