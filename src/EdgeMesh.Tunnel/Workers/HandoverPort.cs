using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Workers;

/// <summary>
/// One worker's end of the rings over which a packet reaches a worker that has a lane to its peer.
/// </summary>
/// <remarks>
/// Between two workers lie two rings each way: packets go over one and come back, empty, over the other, because a slot
/// is returned only by the worker whose pool it is of. The far worker copies the packet into its own pool, so nothing
/// that is written is shared. A sender wakes it once per batch at most.
/// </remarks>
internal sealed class HandoverPort
{
    private readonly HandoverPort[] _ports;
    private readonly Loop _loop;
    private readonly HandoverRing[] _incoming; // by sender
    private readonly HandoverRing[] _returned; // by the worker that is done with them
    private readonly int[] _away;              // packets of ours at each worker, not yet back
    private readonly int _self;
    private int _isWakePending; // set by senders, cleared by this worker

    private HandoverPort(HandoverPort[] ports, Loop loop, int self)
    {
        _ports = ports;
        _loop = loop;
        _self = self;
        _away = new int[ports.Length];
        _incoming = Array.ConvertAll(ports, _ => new HandoverRing());
        _returned = Array.ConvertAll(ports, _ => new HandoverRing());
    }

    /// <summary>Makes the ports of all workers, by index.</summary>
    /// <param name="loops">The workers' loops, by index.</param>
    public static HandoverPort[] MakeAll(ReadOnlySpan<Loop> loops)
    {
        HandoverPort[] ports = new HandoverPort[loops.Length];
        for (int i = 0; i < ports.Length; i++)
        {
            ports[i] = new HandoverPort(ports, loops[i], i);
        }

        return ports;
    }

    /// <summary>
    /// Hands a packet to another worker that has a lane to its peer; on false, and only then, it is still the caller's.
    /// </summary>
    public bool TrySend(Packet packet, int peerIndex, int worker)
    {
        Debug.Assert(worker != _self);
        HandoverPort far = _ports[worker];
        if (_away[worker] == HandoverRing.Capacity || !far._incoming[_self].TryAdd(packet, peerIndex))
        {
            return false;
        }

        _away[worker]++;
        far.Wake();
        return true;
    }

    /// <summary>Frees what came back. Before <see cref="TryTake"/>, once in an iteration.</summary>
    public void FreeReturned()
    {
        Interlocked.Exchange(ref _isWakePending, 0);
        for (int other = 0; other < _returned.Length; other++)
        {
            while (_returned[other].TryTake(out Packet? own, out _))
            {
                _away[other]--;
                own.Dispose();
            }
        }
    }

    /// <summary>Takes a packet that another worker handed over; it is lent, until <see cref="GiveBack"/>.</summary>
    public bool TryTake([NotNullWhen(true)] out Packet? packet, out int peerIndex, out int from)
    {
        for (from = 0; from < _incoming.Length; from++)
        {
            if (_incoming[from].TryTake(out packet, out peerIndex))
            {
                return true;
            }
        }

        packet = null;
        peerIndex = -1;
        return false;
    }

    /// <summary>Gives a packet back to the worker whose pool it is of.</summary>
    public void GiveBack(Packet packet, int owner)
    {
        // The owner never has more packets away than the ring holds, so there is always room.
        if (!_ports[owner]._returned[_self].TryAdd(packet, 0))
        {
            Environment.FailFast("a handed-over packet had no way back");
        }

        _ports[owner].Wake();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _isWakePending, 1) == 0)
        {
            _loop.Post(static _ => { }, null); // the end of that iteration takes in
        }
    }
}
