using System;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Perf.Lab;

/// <summary>What a process that carries packets has counted so far.</summary>
/// <param name="Cpu">Processor time, user and system.</param>
/// <param name="Packets">Packets of both directions, as they cross the TUN: an offloaded one counts once.</param>
/// <param name="SystemCalls">System calls of its workers.</param>
/// <param name="AllocatedBytes">Managed bytes that its workers allocated.</param>
/// <param name="Passes">Rounds of its workers' loops.</param>
internal readonly record struct DaemonCounters(
    TimeSpan Cpu, double Packets, double SystemCalls, double AllocatedBytes, double Passes)
{
    /// <summary>The counters now.</summary>
    /// <param name="process">The process.</param>
    /// <param name="metrics">Its metrics page; empty if it has none.</param>
    public static DaemonCounters Of(LabProcess process, string metrics)
    {
        var page = new MetricsPage(metrics);
        return new DaemonCounters(
            process.CpuTime,
            page.Sum("edgemesh_packets_total"),
            page.Sum("edgemesh_io_system_calls_total"),
            page.Sum("edgemesh_worker_allocated_bytes_total"),
            page.Sum("edgemesh_io_iterations_total"));
    }

    /// <summary>What two processes counted together.</summary>
    public DaemonCounters Plus(DaemonCounters other) => new(
        Cpu + other.Cpu,
        Packets + other.Packets,
        SystemCalls + other.SystemCalls,
        AllocatedBytes + other.AllocatedBytes,
        Passes + other.Passes);

    /// <summary>What was counted between two readings.</summary>
    public DaemonCounters Since(DaemonCounters earlier) => new(
        Cpu - earlier.Cpu,
        Packets - earlier.Packets,
        SystemCalls - earlier.SystemCalls,
        AllocatedBytes - earlier.AllocatedBytes,
        Passes - earlier.Passes);
}
