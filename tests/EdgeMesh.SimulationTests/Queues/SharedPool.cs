using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>
/// One worker's pool, a reader that is never without packets, and peers of which the first is fast and the rest slow.
/// </summary>
internal sealed class SharedPool
{
    private const int BurstPackets = 32; // as the TUN's reader asks at once
    private readonly Random _random;
    private readonly PacketLedger _ledger = new();
    private readonly List<Packet> _burst = [];
    private readonly PeerLedger[] _ledgers;
    private readonly FlowQueues[] _queues;

    public SharedPool(int poolMebibytes, int slowPeers, int seed)
    {
        _random = new Random(seed);
        Pool = new PacketPool((long)poolMebibytes << 20);
        _ledgers = [.. Enumerable.Range(0, slowPeers + 1).Select(_ => _ledger.MakePeer())];
        _queues =
            [.. _ledgers.Select(peer => new FlowQueues(_ledger, peer, Pool, FlowQueueOptions.Default))];
    }

    public PacketPool Pool { get; }

    public Instant Now { get; private set; } = new(1_000_000_000);

    public PeerLedger Fast => _ledgers[0];

    public IEnumerable<FlowQueues> SlowQueues => _queues.Skip(1);

    public int SlotsInBurstMin { get; private set; } = BurstPackets;

    public long FastSent => Fast.SentPackets;

    /// <summary>A burst comes from the TUN, is queued, and what the peers take leaves.</summary>
    /// <param name="pickBytes">Length of the next packet.</param>
    /// <param name="slowPackets">Packets that each slow peer takes.</param>
    public void Step(Func<Random, int> pickBytes, int slowPackets)
    {
        Now += TimeSpan.FromMicroseconds(100);
        while (_burst.Count < BurstPackets && Pool.TryRent(Limits.PacketBytesMax, out Packet? packet))
        {
            _burst.Add(packet);
        }

        SlotsInBurstMin = Math.Min(SlotsInBurstMin, _burst.Count);
        int fastBytes = 0;
        foreach (Packet packet in _burst)
        {
            // The fast peer's queue is short: what comes for it at once is at most a block.
            int bytes = pickBytes(_random);
            fastBytes += SlotBytesOf(bytes);
            bool isFast = _random.Next(4) == 0 && fastBytes <= Limits.BlockBytes;
            fastBytes -= isFast ? 0 : SlotBytesOf(bytes);
            packet.SetLength(bytes);
            packet.FlowHash = (uint)_random.Next(20);
            _ledger.Entered(bytes);
            _queues[isFast ? 0 : 1 + _random.Next(_queues.Length - 1)].TryEnqueue(Now, packet);
        }

        _burst.Clear();
        Send(0, int.MaxValue);
        for (int peer = 1; peer < _queues.Length; peer++)
        {
            Send(peer, slowPackets > 0 && _random.Next(4) == 0 ? slowPackets : 0);
        }
    }

    /// <summary>Nothing comes and nothing leaves, but timers run out.</summary>
    public void Pause(TimeSpan time)
    {
        Instant end = Now + time;
        while (_queues.Min(queue => queue.NextShed) is { } next && next <= end)
        {
            Now = next > Now ? next : Now;
            foreach (FlowQueues queue in _queues)
            {
                queue.ShedOld(Now);
            }
        }

        Now = end;
    }

    /// <summary>What must hold at every time; null if it does.</summary>
    public string? Violation()
    {
        if (Pool.WaitingBlocks > Pool.WaitingBlocksMax)
        {
            return $"{Pool.WaitingBlocks} blocks wait, the reader is left with too few";
        }

        int queued = _queues.Sum(queue => queue.Count);
        return _ledger.OutstandingOut != queued ? $"{_ledger.OutstandingOut} are neither sent nor dropped" : null;
    }

    private static int SlotBytesOf(int bytes) =>
        bytes <= Limits.SmallPacketBytesMax ? Limits.SmallSlotBytes : Limits.LargeSlotBytes;

    private void Send(int peer, int packets)
    {
        for (int i = 0; i < packets && _queues[peer].TryDequeue(Now, out Packet? packet); i++)
        {
            _ledger.Sent(_ledgers[peer], packet.Length);
            packet.Dispose();
        }
    }
}
