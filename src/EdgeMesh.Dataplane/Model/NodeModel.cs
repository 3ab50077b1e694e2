using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using EdgeMesh.Forwarding;
using EdgeMesh.Metrics;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Workers;

namespace EdgeMesh.Dataplane.Model;

/// <summary>
/// The figures of the running node at one moment, summed over its workers. Status, drops and metrics show it.
/// </summary>
/// <remarks>
/// A new figure is a property here, with the line of <see cref="Of"/> that reads it, and a line in each table that
/// shows it. Reading waits for no thread. Figures called counts only grow from one model to the next, whatever peers
/// come and go: workers keep their sums when a peer leaves. Per direction, packets = delivered + dropped + queued.
/// </remarks>
internal sealed record NodeModel
{
    private static readonly DropReason[] Reasons = [.. DropReasons.All];

    private static readonly string BuildVersion =
        typeof(NodeModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";

    /// <summary>Version of this build, with its commit after a plus sign if it is known.</summary>
    public string Version { get; init; } = BuildVersion;

    /// <summary>Name of this node.</summary>
    public string Node { get; init; } = "";

    /// <summary>Peer id of this node, in text.</summary>
    public string PeerId { get; init; } = "";

    /// <summary>Time since the start.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Name of the TUN link.</summary>
    public string Tun { get; init; } = "";

    /// <summary>Its MTU.</summary>
    public int MtuBytes { get; init; }

    /// <summary>Its offloads in use; empty if off.</summary>
    public IReadOnlyList<string> Offloads { get; init; } = [];

    /// <summary>
    /// Count of packets that the kernel dropped at the TUN's own queue. No worker saw them: they are neither in
    /// <see cref="Out"/> nor in <see cref="DroppedOut"/>.
    /// </summary>
    public long TunQueueDrops { get; init; }

    /// <summary>Counts from the TUN to peers.</summary>
    public DirectionCounts Out { get; init; }

    /// <summary>Counts from peers to the TUN.</summary>
    public DirectionCounts In { get; init; }

    /// <summary>Count of drops between the TUN and the peers; every reason, also those at zero.</summary>
    public IReadOnlyList<LabelledCount> DroppedOut { get; init; } = [];

    /// <summary>Count of drops between the peers and the TUN; every reason, also those at zero.</summary>
    public IReadOnlyList<LabelledCount> DroppedIn { get; init; } = [];

    /// <summary>Packets in the peers' flow queues.</summary>
    public long QueuePackets { get; init; }

    /// <summary>Their bytes.</summary>
    public long QueueBytes { get; init; }

    /// <summary>Bytes of slots in use.</summary>
    public long PoolUsedBytes { get; init; }

    /// <summary>Memory of the pools.</summary>
    public long PoolLimitBytes { get; init; }

    /// <summary>Count of times that a pool had no slot.</summary>
    public long PoolExhausted { get; init; }

    /// <summary>Peers of the mesh document.</summary>
    public long PeersKnown { get; init; }

    /// <summary>Links by state and path; combinations at zero may be left out.</summary>
    public IReadOnlyList<PeerCount> Peers { get; init; } = [];

    /// <summary>Links over which packets pass.</summary>
    public long PeersConnected { get; init; }

    /// <summary>Open streams of the connections with peers.</summary>
    public long Streams { get; init; }

    /// <summary>Count of what happened to connections and how they ended; every reason, also those at zero.</summary>
    public IReadOnlyList<LabelledCount> ConnectionEvents { get; init; } = [];

    /// <summary>Where connections are accepted.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>IPv4 routes in force.</summary>
    public long RoutesIpv4 { get; init; }

    /// <summary>IPv6 routes in force.</summary>
    public long RoutesIpv6 { get; init; }

    /// <summary>Prefixes refused because several nodes claim them, in words.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Generation of the mesh document in force.</summary>
    public ulong Generation { get; init; }

    /// <summary>Who counts the generation; empty if the document does not say.</summary>
    public string GenerationSource { get; init; } = "";

    /// <summary>Where the document came from: control, disk or none.</summary>
    public string SnapshotSource { get; init; } = "none";

    /// <summary>Since a control process last confirmed the document.</summary>
    public TimeSpan SnapshotAge { get; init; }

    /// <summary>Whether a control process holds a connection.</summary>
    public bool IsControlConnected { get; init; }

    /// <summary>Workers.</summary>
    public int Workers { get; init; }

    /// <summary>io_uring or epoll.</summary>
    public string IoBackend { get; init; } = "";

    /// <summary>What the back end found in this kernel.</summary>
    public IReadOnlyList<string> IoFeatures { get; init; } = [];

    /// <summary>Count of system calls that the workers' loops made.</summary>
    public long SystemCalls { get; init; }

    /// <summary>Count of managed bytes that the workers' threads allocated.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Count of rounds of the workers' loops.</summary>
    public long LoopIterations { get; init; }

    /// <summary>Count of completions and readiness events that the workers' loops handled.</summary>
    public long Completions { get; init; }

    /// <summary>Count of what became of scrapes; every outcome, also those at zero.</summary>
    public IReadOnlyList<LabelledCount> Scrapes { get; init; } = [];

    /// <summary>Reads the figures of this moment. Any thread.</summary>
    public static NodeModel Of(RunningNode node)
    {
        IReadOnlyList<Worker> workers = node.Workers;
        MeshView view = node.Mesh.View;
        IReadOnlyList<int> links = node.Links.StateCounts;
        return new NodeModel
        {
            Node = node.Options.Node,
            PeerId = node.PeerId.ToString(),
            Uptime = node.Uptime,
            Tun = node.Options.TunName,
            MtuBytes = node.Options.MtuBytes,
            Offloads = node.Offloads,
            TunQueueDrops = node.ReadTunQueueDrops(),
            Out = new DirectionCounts(
                workers.Sum(worker => worker.Ledger.EnteredPackets),
                workers.Sum(worker => worker.Ledger.EnteredBytes),
                workers.Sum(worker => worker.Ledger.SentPackets),
                workers.Sum(worker => worker.Ledger.SentBytes)),
            In = new DirectionCounts(
                workers.Sum(worker => worker.Ledger.ReceivedPackets),
                workers.Sum(worker => worker.Ledger.ReceivedBytes),
                workers.Sum(worker => worker.Ledger.DeliveredPackets),
                workers.Sum(worker => worker.Ledger.DeliveredBytes)),
            DroppedOut = ByReason(workers, static (ledger, reason) => ledger.DroppedOutByReason[(int)reason]),
            DroppedIn = ByReason(workers, static (ledger, reason) => ledger.DroppedInByReason[(int)reason]),
            QueuePackets = workers.Sum(worker => worker.QueuePackets),
            QueueBytes = workers.Sum(worker => worker.QueueBytes),
            PoolUsedBytes = workers.Sum(worker => worker.Pool.RentedBytes),
            PoolLimitBytes = workers.Sum(worker => worker.Pool.BytesMax),
            PoolExhausted = workers.Sum(worker => worker.Pool.Exhausted),
            PeersKnown = view.Peers.Count,
            Peers = [.. links.Select(static (count, state) => CountOf((LinkState)state, count))],
            PeersConnected = links[(int)LinkState.Connected],
            Streams = workers.Sum(worker => worker.StreamCount),
            ConnectionEvents = [.. node.Events.Snapshot().Select(pair => new LabelledCount(pair.Key, pair.Value))],
            Listen = [.. node.Links.ListenAddresses.Select(address => address.ToString())],
            RoutesIpv4 = view.Tables.V4.Count,
            RoutesIpv6 = view.Tables.V6.Count,
            Conflicts = [.. view.Conflicts.Select(conflict => conflict.ToString())],
            Generation = view.Generation,
            GenerationSource = node.Mesh.Applied.Document.Source,
            SnapshotSource = node.Mesh.Source,
            SnapshotAge = node.Mesh.Age,
            IsControlConnected = node.IsControlConnected(),
            Workers = workers.Count,
            IoBackend = node.Loops.Count > 0 ? node.Loops[0].BackendName : "",
            IoFeatures = node.Loops.Count > 0 ? node.Loops[0].Features : [],
            SystemCalls = node.Loops.Sum(loop => loop.SystemCalls),
            AllocatedBytes = workers.Sum(worker => worker.AllocatedBytes),
            LoopIterations = node.Loops.Sum(loop => loop.Iterations),
            Completions = node.Loops.Sum(loop => loop.Completions),
            Scrapes = node.Scrapes.Snapshot(),
        };
    }

    private static PeerCount CountOf(LinkState state, int count) =>
        new(PeerModel.LabelOf(state), state >= LinkState.Warming ? "direct" : "", count);

    private static LabelledCount[] ByReason(IReadOnlyList<Worker> workers, Func<PacketLedger, DropReason, long> count)
    {
        LabelledCount[] counts = new LabelledCount[Reasons.Length];
        for (int i = 0; i < counts.Length; i++)
        {
            DropReason reason = Reasons[i];
            long sum = 0;
            for (int worker = 0; worker < workers.Count; worker++)
            {
                sum += count(workers[worker].Ledger, reason);
            }

            counts[i] = new LabelledCount(DropReasons.Label(reason), sum);
        }

        return counts;
    }
}
