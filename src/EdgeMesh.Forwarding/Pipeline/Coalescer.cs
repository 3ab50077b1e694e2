using System;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Puts runs of small packets of one flow together, so that the kernel takes many in one write.</summary>
/// <remarks>
/// At the receiving side: UDP datagrams of equal size, TCP segments that follow each other. Only
/// what the kernel's segmentation turns back into the same packets is merged: equal headers, the last payload may be
/// shorter, at most <see cref="SegmentsMax"/> packets and 65535 bytes. The merged packet's checksum is partial, which
/// would hide a corruption, so a packet is merged only if its own is partial too or was found right.
/// Flows keep their order; between flows there is none. What can't be merged first finishes what its flow holds; a
/// packet whose ports can't be told (a later fragment, a chain of extension headers that is cut short) finishes what is
/// held between its two addresses. Nothing waits beyond the batch. Only for devices with offloads.
/// A packet that may be merged is copied (tens of nanoseconds beside a write's microsecond), others are not touched.
/// </remarks>
public sealed class Coalescer
{
    /// <summary>
    /// Packets in one: the least of the kernels' limits (<c>UDP_MAX_SEGMENTS</c>, 64 until Linux 6.8).
    /// </summary>
    public const int SegmentsMax = 64;

    /// <summary>Flows that are put together side by side.</summary>
    public const int RunsMax = 8;

    // The table is as short as a cache line; whom it serves is no secret.
    private const ulong FlowSeed = 0;

    private readonly CoalescingRun[] _runs = new CoalescingRun[RunsMax];
    private readonly PacketPool _pool;
    private readonly bool _mergesTcp;
    private readonly bool _mergesUdp;
    private Packet? _ready; // finished runs, linked: of different flows, so in any order
    private int _open;
    private int _victim;

    /// <summary>Makes a coalescer.</summary>
    /// <param name="pool">Where merged packets are made.</param>
    /// <param name="mergesTcp">The device takes TCP super-packets of both IP versions.</param>
    /// <param name="mergesUdp">The device takes UDP super-packets.</param>
    public Coalescer(PacketPool pool, bool mergesTcp, bool mergesUdp)
    {
        ArgumentNullException.ThrowIfNull(pool);
        _pool = pool;
        _mergesTcp = mergesTcp;
        _mergesUdp = mergesUdp;
    }

    /// <summary>Packets that went into super-packets after their first: writes that were saved.</summary>
    public long Merged { get; private set; }

    /// <summary>
    /// Offers a packet that was checked and may go to the TUN. Afterwards, and before the packet itself if it was not
    /// taken, the caller writes all that <see cref="TryPoll"/> gives.
    /// </summary>
    /// <param name="offloadHeader">Its offload header, or empty.</param>
    /// <param name="packet">The packet; borrowed.</param>
    /// <returns>True: it was copied and will come out later. False: the caller writes it itself, now.</returns>
    public bool TryTake(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet)
    {
        OffloadHeader offload = offloadHeader.IsEmpty ? default : OffloadHeader.Read(offloadHeader);
        if (!CoalescingCandidate.TryParse(offload, packet, out CoalescingCandidate candidate))
        {
            return false;
        }

        // Nothing can come after a PSH, so it opens no run.
        bool isMergeable = candidate.IsMergeable
            && (candidate.Protocol == IpProtocol.Tcp ? _mergesTcp : _mergesUdp);
        bool opensRun = isMergeable && !candidate.IsPush;
        if (_open == 0 && !opensRun)
        {
            return false;
        }

        if (!candidate.HasPorts)
        {
            FinishBetween(candidate);
            return false;
        }

        uint hash = FlowHash.Of(candidate.Addresses, candidate.Protocol, candidate.Ports, FlowSeed);
        int index = Find(candidate, hash);
        if (index >= 0)
        {
            ref CoalescingRun run = ref _runs[index];
            bool isFull = false;
            bool isAppended = isMergeable && run.TryAppend(candidate, offload, _pool, out isFull);
            Merged += isAppended ? 1 : 0;
            if (!isAppended || isFull)
            {
                Finish(ref run);
            }

            if (isAppended)
            {
                return true;
            }
        }

        if (!opensRun)
        {
            return false;
        }

        index = index >= 0 ? index : FreeRun();
        bool isOpened = _runs[index].TryOpen(candidate, offload, hash, _pool);
        _open += isOpened ? 1 : 0;
        return isOpened;
    }

    /// <summary>Takes out what the last packets finished, until it says no.</summary>
    /// <param name="packet">For the TUN, before anything that comes later; the caller owns it.</param>
    public bool TryPoll([NotNullWhen(true)] out Packet? packet)
    {
        packet = _ready;
        if (packet is null)
        {
            return false;
        }

        _ready = packet.QueueNext;
        packet.QueueNext = null;
        return true;
    }

    /// <summary>Takes out everything that is held, at the end of a batch, until it says no.</summary>
    /// <param name="packet">For the TUN; the caller owns it.</param>
    public bool TryFlush([NotNullWhen(true)] out Packet? packet)
    {
        for (int index = 0; _ready is null && _open > 0 && index < RunsMax; index++)
        {
            if (_runs[index].IsOpen)
            {
                Finish(ref _runs[index]);
            }
        }

        return TryPoll(out packet);
    }

    private int Find(in CoalescingCandidate candidate, uint hash)
    {
        for (int index = 0; _open > 0 && index < RunsMax; index++)
        {
            if (_runs[index].IsFlowOf(candidate, hash))
            {
                return index;
            }
        }

        return -1;
    }

    private void FinishBetween(in CoalescingCandidate candidate)
    {
        for (int index = 0; index < RunsMax; index++)
        {
            if (_runs[index].IsBetweenAddressesOf(candidate))
            {
                Finish(ref _runs[index]);
            }
        }
    }

    private void Finish(ref CoalescingRun run)
    {
        _open--;
        Packet packet = run.Finish();
        packet.QueueNext = _ready;
        _ready = packet;
    }

    private int FreeRun()
    {
        for (int index = 0; index < RunsMax; index++)
        {
            if (!_runs[index].IsOpen)
            {
                return index;
            }
        }

        int victim = _victim;
        _victim = (_victim + 1) % RunsMax;
        Finish(ref _runs[victim]);
        return victim;
    }
}
