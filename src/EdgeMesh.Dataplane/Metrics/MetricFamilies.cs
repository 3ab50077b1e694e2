using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Metrics;

namespace EdgeMesh.Dataplane.Metrics;

/// <summary>
/// The table of every metric of the data plane. Names are a contract: dashboards and alerts hold them.
/// </summary>
/// <remarks>
/// No label takes a peer's name or an address: 1 000 nodes that each know 1 000 peers would be a million series. Per
/// direction, packets = delivered + dropped + queued.
/// </remarks>
internal static class MetricFamilies
{
    private static readonly string Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>The families, in the order of a scrape.</summary>
    public static IReadOnlyList<MetricFamily<NodeModel>> All { get; } =
    [
        Gauge("edgemesh_build_info", "Always 1; the labels say what runs.", WriteBuild),
        Gauge("edgemesh_node_info", "Always 1; the labels say who this node is in the mesh.",
            (writer, node) => writer.Sample(1, ("node", node.Node), ("peer_id", node.PeerId))),
        Counter("edgemesh_packets_total", "Packets that came from the TUN (out) or from peers (in).",
            (writer, node) => WriteDirections(writer, node.Out.Packets, node.In.Packets)),
        Counter("edgemesh_bytes_total", "Bytes of the packets that came from the TUN (out) or from peers (in).",
            (writer, node) => WriteDirections(writer, node.Out.Bytes, node.In.Bytes)),
        Counter("edgemesh_packets_delivered_total",
            "Packets handed to a peer's connection (out) or taken by the TUN (in).",
            (writer, node) => WriteDirections(writer, node.Out.DeliveredPackets, node.In.DeliveredPackets)),
        Counter("edgemesh_bytes_delivered_total",
            "Bytes of the packets handed to a peer's connection (out) or taken by the TUN (in).",
            (writer, node) => WriteDirections(writer, node.Out.DeliveredBytes, node.In.DeliveredBytes)),
        Counter("edgemesh_packets_dropped_total",
            "Packets dropped, each once and by its reason; edgemesh drops explains the reasons.", WriteDropped),
        Counter("edgemesh_tun_queue_drops_total",
            "Packets that the kernel dropped at the TUN's own queue before they could be read; not in "
            + "edgemesh_packets_total or edgemesh_packets_dropped_total.",
            (writer, node) => writer.Sample(node.TunQueueDrops)),
        Gauge("edgemesh_queue_packets", "Packets in the peers' flow queues.",
            (writer, node) => writer.Sample(node.QueuePackets)),
        Gauge("edgemesh_queue_bytes", "Bytes in the peers' flow queues.",
            (writer, node) => writer.Sample(node.QueueBytes)),
        Gauge("edgemesh_pool_bytes", "Bytes of the workers' packet pools by state.", WritePools),
        Gauge("edgemesh_pool_limit_bytes", "Memory of the workers' packet pools (--pool-mib).",
            (writer, node) => writer.Sample(node.PoolLimitBytes)),
        Counter("edgemesh_pool_exhausted_total", "Times that a worker's pool had no slot for a packet.",
            (writer, node) => writer.Sample(node.PoolExhausted)),
        Gauge("edgemesh_peers",
            "Peers of the mesh document by state and path of their connection; warming: no packet has passed yet, "
            + "stalled: probes are not answered any more.", WritePeers),
        Gauge("edgemesh_streams", "Open streams of the connections with peers.",
            (writer, node) => writer.Sample(node.Streams)),
        Counter("edgemesh_connection_events_total",
            "What happened to connections with peers and strangers, and how those with peers ended, by reason.",
            (writer, node) => WriteCounts(writer, "reason", node.ConnectionEvents)),
        Gauge("edgemesh_routes", "Routes in force by address family.", WriteRoutes),
        Gauge("edgemesh_conflicts",
            "Prefixes refused because more than one node claims them; edgemesh status names them.",
            (writer, node) => writer.Sample(node.Conflicts.Count)),
        Gauge("edgemesh_route_generation",
            "Generation of the mesh document in force; nodes at rest agree.",
            (writer, node) => writer.Sample((long)node.Generation)),
        Gauge("edgemesh_snapshot_age_seconds", "Time since a control process last confirmed the mesh document.",
            (writer, node) => writer.Sample(node.SnapshotAge.TotalSeconds)),
        Gauge("edgemesh_control_connected", "1 if a control process holds a connection, else 0.",
            (writer, node) => writer.Sample(node.IsControlConnected ? 1L : 0L)),
        Gauge("edgemesh_workers", "Workers, one thread each.", (writer, node) => writer.Sample(node.Workers)),
        Gauge("edgemesh_io_backend_info", "Always 1; the label names the I/O back end in use.",
            (writer, node) => writer.Sample(1, ("backend", node.IoBackend))),
        Gauge("edgemesh_io_feature_info", "Always 1; the label names what the back end uses of this kernel.",
            (writer, node) => WriteFlags(writer, "feature", node.IoFeatures)),
        Gauge("edgemesh_tun_offload_info", "Always 1; the label names an offload of the TUN in use.",
            (writer, node) => WriteFlags(writer, "offload", node.Offloads)),
        Counter("edgemesh_io_system_calls_total", "System calls made by the workers' loops.",
            (writer, node) => writer.Sample(node.SystemCalls)),
        Counter("edgemesh_worker_allocated_bytes_total",
            "Managed bytes that the workers' threads allocated; packets add none.",
            (writer, node) => writer.Sample(node.AllocatedBytes)),
        Counter("edgemesh_io_iterations_total", "Rounds of the workers' loops.",
            (writer, node) => writer.Sample(node.LoopIterations)),
        Counter("edgemesh_io_completions_total",
            "Completions or readiness events handled by the workers' loops.",
            (writer, node) => writer.Sample(node.Completions)),
        Counter("edgemesh_scrapes_total", "What became of connections to the metrics endpoint, by outcome.",
            (writer, node) => WriteCounts(writer, "outcome", node.Scrapes)),
    ];

    /// <summary>Writes all families of a scrape.</summary>
    public static void Write(MetricsWriter writer, NodeModel model)
    {
        foreach (MetricFamily<NodeModel> family in All)
        {
            writer.Family(family.Name, family.Type, family.Help);
            family.Write(writer, model);
        }
    }

    private static MetricFamily<NodeModel> Counter(string name, string help, Action<MetricsWriter, NodeModel> write) =>
        new(name, MetricType.Counter, help, write);

    private static MetricFamily<NodeModel> Gauge(string name, string help, Action<MetricsWriter, NodeModel> write) =>
        new(name, MetricType.Gauge, help, write);

    private static void WriteBuild(MetricsWriter writer, NodeModel node)
    {
        int plus = node.Version.IndexOf('+', StringComparison.Ordinal);
        writer.Sample(
            1,
            ("version", plus < 0 ? node.Version : node.Version[..plus]),
            ("commit", plus < 0 ? "" : node.Version[(plus + 1)..]),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("arch", Architecture));
    }

    private static void WriteDirections(MetricsWriter writer, long countOut, long countIn)
    {
        writer.Sample(countOut, ("direction", "out"));
        writer.Sample(countIn, ("direction", "in"));
    }

    private static void WriteDropped(MetricsWriter writer, NodeModel node)
    {
        for (int i = 0; i < node.DroppedOut.Count; i++)
        {
            writer.Sample(node.DroppedOut[i].Count, ("direction", "out"), ("reason", node.DroppedOut[i].Label));
        }

        for (int i = 0; i < node.DroppedIn.Count; i++)
        {
            writer.Sample(node.DroppedIn[i].Count, ("direction", "in"), ("reason", node.DroppedIn[i].Label));
        }
    }

    private static void WritePools(MetricsWriter writer, NodeModel node)
    {
        writer.Sample(node.PoolUsedBytes, ("state", "used"));
        writer.Sample(node.PoolLimitBytes - node.PoolUsedBytes, ("state", "free"));
    }

    private static void WritePeers(MetricsWriter writer, NodeModel node)
    {
        for (int i = 0; i < node.Peers.Count; i++)
        {
            PeerCount peers = node.Peers[i];
            writer.Sample(peers.Count, ("state", peers.State), ("path", peers.Path.Length == 0 ? "none" : peers.Path));
        }
    }

    private static void WriteRoutes(MetricsWriter writer, NodeModel node)
    {
        writer.Sample(node.RoutesIpv4, ("family", "ipv4"));
        writer.Sample(node.RoutesIpv6, ("family", "ipv6"));
    }

    private static void WriteCounts(MetricsWriter writer, string label, IReadOnlyList<LabelledCount> counts)
    {
        for (int i = 0; i < counts.Count; i++)
        {
            writer.Sample(counts[i].Count, (label, counts[i].Label));
        }
    }

    private static void WriteFlags(MetricsWriter writer, string label, IReadOnlyList<string> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            writer.Sample(1, (label, values[i]));
        }
    }
}
