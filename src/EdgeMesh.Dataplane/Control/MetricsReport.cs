using System.Collections.Generic;
using System;
using System.Linq;
using EdgeMesh.Dataplane.Metrics;
using EdgeMesh.Dataplane.Threads;
using EdgeMesh.Forwarding;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What Prometheus scrapes: the workers' plain fields, summed when somebody asks.</summary>
internal sealed class MetricsReport(Composition parts)
{
    private readonly MetricsSnapshot _snapshot = new()
    {
        Version = StatusReport.Version,
        Node = parts.Options.Node,
        PeerId = parts.PeerId.ToString(),
        Workers = parts.Workers.Count,
        IoBackend = parts.BackendName,
        IoFeatures = parts.Workers[0].Loop.Features,
        Offloads = parts.Tun.Offloads,
    };

    /// <summary>Writes the metrics of this moment.</summary>
    public void Write(MetricsWriter writer)
    {
        MeshView view = parts.Mesh.View;
        PacketLedger[] ledgers = [.. parts.Workers.Select(thread => thread.Worker.Ledger)];
        _snapshot.Out = new DirectionCounts(
            Sum(ledgers, ledger => ledger.EnteredPackets),
            Sum(ledgers, ledger => ledger.EnteredBytes),
            Sum(ledgers, ledger => ledger.SentPackets),
            Sum(ledgers, ledger => ledger.SentBytes));
        _snapshot.In = new DirectionCounts(
            Sum(ledgers, ledger => ledger.ReceivedPackets),
            Sum(ledgers, ledger => ledger.ReceivedBytes),
            Sum(ledgers, ledger => ledger.DeliveredPackets),
            Sum(ledgers, ledger => ledger.DeliveredBytes));
        _snapshot.DroppedOut = Dropped(ledgers, static (ledger, reason) => ledger.DroppedOutByReason[(int)reason]);
        _snapshot.DroppedIn = Dropped(ledgers, static (ledger, reason) => ledger.DroppedInByReason[(int)reason]);
        WriteWorkers(parts.Workers);
        WriteMesh(view);
        DataplaneMetrics.Write(writer, _snapshot, ProcessSample.Read());
    }

    private void WriteWorkers(IReadOnlyList<WorkerThread> workers)
    {
        _snapshot.QueuePackets = workers.Sum(thread => thread.Worker.QueuePackets);
        _snapshot.Streams = workers.Sum(thread => thread.Worker.StreamCount);
        _snapshot.QueueBytes = workers.Sum(thread => thread.Worker.QueueBytes);
        _snapshot.PoolUsedBytes = workers.Sum(thread => thread.Worker.Pool.RentedBytes);
        _snapshot.PoolFreeBytes = workers.Sum(thread => thread.Worker.Pool.BytesMax - thread.Worker.Pool.RentedBytes);
        _snapshot.PoolLimitBytes = workers.Sum(thread => thread.Worker.Pool.BytesMax);
        _snapshot.PoolExhausted = workers.Sum(thread => thread.Worker.Pool.Exhausted);
        _snapshot.AllocatedBytes = workers.Sum(thread => thread.Worker.AllocatedBytes);
        _snapshot.SystemCalls = workers.Sum(thread => thread.Loop.SystemCalls);
        _snapshot.LoopIterations = workers.Sum(thread => thread.Loop.Iterations);
        _snapshot.Completions = workers.Sum(thread => thread.Loop.Completions);
    }

    private void WriteMesh(MeshView view)
    {
        _snapshot.Peers =
        [
            .. parts.Links.StateCounts.Select((count, state) => new PeerCount(
                PeersReport.LabelOf((LinkState)state), (LinkState)state >= LinkState.Warming ? "direct" : "", count)),
        ];
        _snapshot.ConnectionEvents =
            [.. parts.Events.Snapshot().Select(pair => new LabelledCount(pair.Key, pair.Value))];
        _snapshot.RoutesIpv4 = view.Tables.V4.Count;
        _snapshot.RoutesIpv6 = view.Tables.V6.Count;
        _snapshot.Conflicts = view.Conflicts.Count;
        _snapshot.Generation = (long)view.Generation;
        _snapshot.SnapshotAgeSeconds = parts.Mesh.Age.TotalSeconds;
        _snapshot.IsControlConnected = parts.ControlServer?.IsControlConnected == true;
    }

    private static LabelledCount[] Dropped(PacketLedger[] ledgers, Func<PacketLedger, DropReason, long> count) =>
        [.. DropReasons.All.Select(
            reason => new LabelledCount(DropReasons.Label(reason), ledgers.Sum(each => count(each, reason))))];

    private static long Sum(PacketLedger[] ledgers, Func<PacketLedger, long> field) => ledgers.Sum(field);
}
