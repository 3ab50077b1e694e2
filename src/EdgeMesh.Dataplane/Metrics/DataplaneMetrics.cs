using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace EdgeMesh.Dataplane.Metrics;

/// <summary>
/// Names and help of every metric of the data plane. Names are a contract: dashboards and alerts hold them.
/// </summary>
/// <remarks>
/// No label takes a peer's name or an address: 1 000 nodes that each know 1 000 peers would be a million series. Per
/// direction, packets = delivered + dropped + queued.
/// </remarks>
internal static class DataplaneMetrics
{
    private static readonly string Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Writes all families of a scrape: the snapshot's, and those of the process and its runtime.</summary>
    public static void Write(MetricsWriter writer, MetricsSnapshot snapshot, ProcessSample process)
    {
        WriteInfo(writer, snapshot);
        WritePackets(writer, snapshot);
        WriteMemory(writer, snapshot);
        WritePeers(writer, snapshot);
        WriteDesiredState(writer, snapshot);
        WriteLoops(writer, snapshot);
        ProcessMetrics.Write(writer, process);
    }

    private static void WriteInfo(MetricsWriter writer, MetricsSnapshot snapshot)
    {
        int plus = snapshot.Version.IndexOf('+', StringComparison.Ordinal);
        string version = plus < 0 ? snapshot.Version : snapshot.Version[..plus];
        string commit = plus < 0 ? "" : snapshot.Version[(plus + 1)..];
        writer.Family("edgemesh_build_info", MetricType.Gauge, "Always 1; the labels say what runs.");
        writer.Sample(
            1,
            ("version", version),
            ("commit", commit),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("arch", Architecture));
        writer.Family("edgemesh_node_info", MetricType.Gauge, "Always 1; the labels say who this node is in the mesh.");
        writer.Sample(1, ("node", snapshot.Node), ("peer_id", snapshot.PeerId));
    }

    private static void WritePackets(MetricsWriter writer, MetricsSnapshot snapshot)
    {
        WriteDirections(
            writer, "edgemesh_packets_total", "Packets that came from the TUN (out) or from peers (in).",
            snapshot.Out.Packets, snapshot.In.Packets);
        WriteDirections(
            writer, "edgemesh_bytes_total", "Bytes of the packets that came from the TUN (out) or from peers (in).",
            snapshot.Out.Bytes, snapshot.In.Bytes);
        WriteDirections(
            writer, "edgemesh_packets_delivered_total",
            "Packets handed to a peer's connection (out) or taken by the TUN (in).",
            snapshot.Out.DeliveredPackets, snapshot.In.DeliveredPackets);
        WriteDirections(
            writer, "edgemesh_bytes_delivered_total",
            "Bytes of the packets handed to a peer's connection (out) or taken by the TUN (in).",
            snapshot.Out.DeliveredBytes, snapshot.In.DeliveredBytes);
        writer.Family(
            "edgemesh_packets_dropped_total", MetricType.Counter,
            "Packets dropped, each once and by its reason; edgemesh drops explains the reasons.");
        for (int i = 0; i < snapshot.DroppedOut.Count; i++)
        {
            writer.Sample(snapshot.DroppedOut[i].Count, ("direction", "out"), ("reason", snapshot.DroppedOut[i].Label));
        }

        for (int i = 0; i < snapshot.DroppedIn.Count; i++)
        {
            writer.Sample(snapshot.DroppedIn[i].Count, ("direction", "in"), ("reason", snapshot.DroppedIn[i].Label));
        }
    }

    private static void WriteDirections(MetricsWriter writer, string name, string help, long countOut, long countIn)
    {
        writer.Family(name, MetricType.Counter, help);
        writer.Sample(countOut, ("direction", "out"));
        writer.Sample(countIn, ("direction", "in"));
    }

    private static void WriteMemory(MetricsWriter writer, MetricsSnapshot snapshot)
    {
        writer.Single(
            "edgemesh_queue_packets", MetricType.Gauge, "Packets in the peers' flow queues.", snapshot.QueuePackets);
        writer.Single(
            "edgemesh_queue_bytes", MetricType.Gauge, "Bytes in the peers' flow queues.", snapshot.QueueBytes);
        writer.Family("edgemesh_pool_bytes", MetricType.Gauge, "Bytes of the workers' packet pools by state.");
        writer.Sample(snapshot.PoolUsedBytes, ("state", "used"));
        writer.Sample(snapshot.PoolFreeBytes, ("state", "free"));
        writer.Single(
            "edgemesh_pool_limit_bytes", MetricType.Gauge, "Memory of the workers' packet pools (--pool-mib).",
            snapshot.PoolLimitBytes);
        writer.Single(
            "edgemesh_pool_exhausted_total", MetricType.Counter, "Times that a worker's pool had no slot for a packet.",
            snapshot.PoolExhausted);
    }

    private static void WritePeers(MetricsWriter writer, MetricsSnapshot snapshot)
    {
        writer.Family(
            "edgemesh_peers", MetricType.Gauge, "Peers of the mesh document by state and path of their connection.");
        for (int i = 0; i < snapshot.Peers.Count; i++)
        {
            PeerCount peers = snapshot.Peers[i];
            writer.Sample(peers.Count, ("state", peers.State), ("path", peers.Path.Length == 0 ? "none" : peers.Path));
        }

        writer.Single(
            "edgemesh_streams", MetricType.Gauge, "Open streams of the connections with peers.", snapshot.Streams);
        writer.Family(
            "edgemesh_connection_events_total", MetricType.Counter,
            "What happened to connections with peers and strangers, by reason.");
        for (int i = 0; i < snapshot.ConnectionEvents.Count; i++)
        {
            writer.Sample(snapshot.ConnectionEvents[i].Count, ("reason", snapshot.ConnectionEvents[i].Label));
        }
    }

    private static void WriteDesiredState(MetricsWriter writer, MetricsSnapshot snapshot)
    {
        writer.Family("edgemesh_routes", MetricType.Gauge, "Routes in force by address family.");
        writer.Sample(snapshot.RoutesIpv4, ("family", "ipv4"));
        writer.Sample(snapshot.RoutesIpv6, ("family", "ipv6"));
        writer.Single(
            "edgemesh_conflicts", MetricType.Gauge,
            "Prefixes refused because more than one node claims them; edgemesh status names them.",
            snapshot.Conflicts);
        writer.Single(
            "edgemesh_route_generation", MetricType.Gauge,
            "Generation of the mesh document in force; nodes at rest agree.",
            snapshot.Generation);
        writer.Single(
            "edgemesh_snapshot_age_seconds", MetricType.Gauge,
            "Time since a control process last confirmed the mesh document.",
            snapshot.SnapshotAgeSeconds);
        writer.Single(
            "edgemesh_control_connected", MetricType.Gauge, "1 if a control process holds a connection, else 0.",
            snapshot.IsControlConnected ? 1L : 0L);
    }

    private static void WriteLoops(MetricsWriter writer, MetricsSnapshot snapshot)
    {
        writer.Single("edgemesh_workers", MetricType.Gauge, "Workers, one thread each.", snapshot.Workers);
        WriteFlags(
            writer, "edgemesh_io_backend_info", "Always 1; the label names the I/O back end in use.", "backend",
            [snapshot.IoBackend]);
        WriteFlags(
            writer, "edgemesh_io_feature_info", "Always 1; the label names what the back end uses of this kernel.",
            "feature",
            snapshot.IoFeatures);
        WriteFlags(
            writer, "edgemesh_tun_offload_info", "Always 1; the label names an offload of the TUN in use.", "offload",
            snapshot.Offloads);
        writer.Single(
            "edgemesh_io_system_calls_total", MetricType.Counter, "System calls made by the workers' loops.",
            snapshot.SystemCalls);
        writer.Single(
            "edgemesh_worker_allocated_bytes_total", MetricType.Counter,
            "Managed bytes that the workers' threads allocated; packets add none.",
            snapshot.AllocatedBytes);
        writer.Single(
            "edgemesh_io_iterations_total", MetricType.Counter, "Rounds of the workers' loops.",
            snapshot.LoopIterations);
        writer.Single(
            "edgemesh_io_completions_total", MetricType.Counter,
            "Completions or readiness events handled by the workers' loops.",
            snapshot.Completions);
    }

    private static void WriteFlags(
        MetricsWriter writer, string name, string help, string label, IReadOnlyList<string> values)
    {
        writer.Family(name, MetricType.Gauge, help);
        for (int i = 0; i < values.Count; i++)
        {
            writer.Sample(1, (label, values[i]));
        }
    }
}
