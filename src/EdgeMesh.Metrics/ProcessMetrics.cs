using System;

namespace EdgeMesh.Metrics;

/// <summary>
/// Metrics that every Prometheus client has for its process, by their usual names, and the garbage collector's.
/// </summary>
public static class ProcessMetrics
{
    private static readonly string[] Generations = ["0", "1", "2"];

    /// <summary>Writes the families.</summary>
    public static void Write(MetricsWriter writer, ProcessSample process)
    {
        writer.Single(
            "process_cpu_seconds_total", MetricType.Counter, "Processor time, user and system.", process.CpuSeconds);
        writer.Single("process_resident_memory_bytes", MetricType.Gauge, "Memory in RAM.", process.ResidentBytes);
        writer.Single("process_virtual_memory_bytes", MetricType.Gauge, "Memory mapped.", process.VirtualBytes);
        writer.Single(
            "process_start_time_seconds", MetricType.Gauge, "Start of the process since 1970.",
            process.StartTimeSeconds);
        writer.Single("process_open_fds", MetricType.Gauge, "Open file descriptors.", process.OpenFiles);
        writer.Single("process_max_fds", MetricType.Gauge, "Limit of open file descriptors.", process.OpenFilesLimit);
        writer.Single("process_threads", MetricType.Gauge, "Threads.", process.Threads);
        WriteGarbageCollector(writer);
    }

    private static void WriteGarbageCollector(MetricsWriter writer)
    {
        writer.Family(
            "dotnet_gc_collections_total", MetricType.Counter,
            "Garbage collections that took in the generation (2 counts in 1 and 0 too); the packet path causes none.");
        for (int generation = 0; generation < Generations.Length; generation++)
        {
            writer.Sample(GC.CollectionCount(generation), ("generation", Generations[generation]));
        }

        writer.Single(
            "dotnet_gc_heap_bytes", MetricType.Gauge, "Managed memory in use.",
            GC.GetTotalMemory(forceFullCollection: false));
        writer.Single(
            "dotnet_gc_allocated_bytes_total", MetricType.Counter,
            "Managed memory ever allocated; does not grow with packets.",
            GC.GetTotalAllocatedBytes());
        writer.Single(
            "dotnet_gc_pause_seconds_total", MetricType.Counter,
            "Time that all threads stood still for the garbage collector.",
            GC.GetTotalPauseDuration().TotalSeconds);
    }
}
