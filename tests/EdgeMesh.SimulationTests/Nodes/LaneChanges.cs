using System;
using System.Collections.Generic;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Workers;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Counts how often packets to a peer began to take another lane, at any of a node's workers.</summary>
internal sealed class LaneChanges
{
    private readonly List<Lane?[]> _lanes = []; // by peer, then by worker
    private readonly List<long> _counts = [];
    private readonly Worker[] _workers;

    /// <summary>Looks at the end of each of the workers' iterations.</summary>
    public LaneChanges(Worker[] workers)
    {
        _workers = workers;
        foreach (Worker worker in workers)
        {
            Func<bool> inner = worker.Loop.EndOfIteration!;
            worker.Loop.EndOfIteration = () =>
            {
                bool goesOn = inner();
                Look(worker);
                return goesOn;
            };
        }
    }

    /// <summary>Changes so far for a peer's index.</summary>
    public long Of(int index) => index >= 0 && index < _counts.Count ? _counts[index] : 0;

    private void Look(Worker worker)
    {
        IReadOnlyList<WorkerPeer?> peers = worker.Peers;
        for (int index = 0; index < peers.Count; index++)
        {
            if (index == _counts.Count)
            {
                _counts.Add(0);
                _lanes.Add(new Lane?[_workers.Length]);
            }

            Lane? lane = peers[index]?.Lane;
            if (!ReferenceEquals(_lanes[index][worker.Index], lane))
            {
                _lanes[index][worker.Index] = lane;
                _counts[index]++;
            }
        }
    }
}
