using System;
using System.Diagnostics;
using System.Threading;
using EdgeMesh.Forwarding;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>
/// One worker's end of the rings over which a packet reaches a worker that has a lane to its peer.
/// </summary>
/// <remarks>
/// Between two workers lie two rings each way: packets go over one and come back, empty, over the other, because a slot
/// is returned only by the worker whose pool it is of. The far worker copies the packet into its own pool, so nothing
/// that is written is shared. A sender wakes it once per batch at most.
/// </remarks>
internal sealed class HandoffPort
{
    private readonly Worker[] _workers;
    private readonly HandoffPort[] _ports;
    private readonly HandoffRing[] _incoming; // by sender
    private readonly HandoffRing[] _returned; // by the worker that is done with them
    private readonly int[] _away;             // packets of ours at each worker, not yet back
    private readonly int _self;
    private int _isWakePending; // set by senders, cleared by this worker

    private HandoffPort(Worker[] workers, HandoffPort[] ports, int self)
    {
        _workers = workers;
        _ports = ports;
        _self = self;
        _away = new int[workers.Length];
        _incoming = Array.ConvertAll(workers, _ => new HandoffRing());
        _returned = Array.ConvertAll(workers, _ => new HandoffRing());
    }

    /// <summary>Joins all workers; before any of them runs.</summary>
    public static void ConnectAll(Worker[] workers)
    {
        HandoffPort[] ports = new HandoffPort[workers.Length];
        foreach (Worker worker in workers)
        {
            ports[worker.Index] = new HandoffPort(workers, ports, worker.Index);
            worker.Connect(ports[worker.Index]);
        }
    }

    /// <summary>
    /// Hands a packet to another worker that has a lane to its peer; on false, and only then, it is still the caller's.
    /// </summary>
    public bool TrySend(Packet packet, int peerIndex, int worker)
    {
        Debug.Assert(worker != _self);
        HandoffPort far = _ports[worker];
        if (_away[worker] == HandoffRing.Capacity || !far._incoming[_self].TryAdd(packet, peerIndex))
        {
            return false;
        }

        _away[worker]++;
        far.Wake();
        return true;
    }

    /// <summary>Takes in what others handed over and frees what came back.</summary>
    public void Drain(Worker self)
    {
        Debug.Assert(self.Index == _self);
        if (_workers.Length == 1)
        {
            return; // nobody else there
        }

        Interlocked.Exchange(ref _isWakePending, 0);
        for (int other = 0; other < _workers.Length; other++)
        {
            while (_returned[other].TryTake(out Packet? own, out _))
            {
                _away[other]--;
                own.Dispose();
            }

            bool isTaken = false;
            while (_incoming[other].TryTake(out Packet? packet, out int peerIndex))
            {
                TakeIn(self, packet, peerIndex);
                GiveBack(packet, other);
                isTaken = true;
            }

            if (isTaken)
            {
                _ports[other].Wake();
            }
        }
    }

    private static void TakeIn(Worker self, Packet packet, int peerIndex)
    {
        self.Ledger.TakenOver(packet.Length);
        if (self.Pool.TryRent(packet.Length, out Packet? copy))
        {
            packet.OffloadHeader.CopyTo(copy.OffloadHeader);
            packet.Bytes.CopyTo(copy.Bytes);
            copy.FlowHash = packet.FlowHash;
            copy.DatagramId = packet.DatagramId;
            copy.IsOffloaded = packet.IsOffloaded;
            self.Switch.Forward(copy, peerIndex);
        }
        else
        {
            self.Ledger.DroppedOut(DropReason.PoolExhausted, self.PeerAt(peerIndex)?.Ledger);
        }
    }

    private void GiveBack(Packet packet, int owner)
    {
        // The owner never has more packets away than the ring holds, so there is always room.
        if (!_ports[owner]._returned[_self].TryAdd(packet, 0))
        {
            Environment.FailFast("a handed-over packet had no way back");
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _isWakePending, 1) == 0)
        {
            _workers[_self].Loop.Post(static _ => { }, null); // the end of that iteration drains
        }
    }
}
