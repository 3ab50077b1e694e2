using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>What one sample costs the processes that carry its packets, and the whole machine.</summary>
internal sealed class CostMeter
{
    /// <summary>The metric of the whole machine: both pods, both nodes, the load generator.</summary>
    public const string MachineMetric = "cpu-machine";

    /// <summary>The metric of the processes that carry packets.</summary>
    public const string DaemonsMetric = "cpu-daemons";

    /// <summary>The metric of what the product's workers allocate, timers included.</summary>
    public const string AllocatedMetric = "allocated";

    /// <summary>The metric of the system calls of the product's workers.</summary>
    public const string CallsMetric = "system-calls";

    /// <summary>The metric of what the product's workers handle in one pass.</summary>
    public const string BatchMetric = "packets-per-pass";

    private readonly LabAlternative _alternative;
    private readonly IReadOnlyList<DaemonCounters> _before;
    private readonly MachineTime _machineBefore;

    private CostMeter(LabAlternative alternative, IReadOnlyList<DaemonCounters> before)
    {
        _alternative = alternative;
        _before = before;
        _machineBefore = MachineTime.Now();
    }

    /// <summary>Reads the counters before a sample.</summary>
    public static async Task<CostMeter> StartAsync(LabAlternative alternative) =>
        new(alternative, await ReadAsync(alternative));

    /// <summary>Reads the counters after a sample, and adds what it cost to its result.</summary>
    /// <param name="sample">The result of the sample.</param>
    /// <param name="gigabits">Payload that was delivered between both readings; 0: cost per Gbit means nothing.</param>
    public async Task<PerfResult> AddToAsync(PerfResult sample, double gigabits)
    {
        MachineTime machine = MachineTime.Now() - _machineBefore;
        IReadOnlyList<DaemonCounters> after = await ReadAsync(_alternative);
        var costs = new List<ProcessCost>();
        DaemonCounters totals = default;
        for (int i = 0; i < after.Count; i++)
        {
            DaemonCounters used = after[i].Since(_before[i]);
            totals = totals.Plus(used);
            costs.Add(CostOf(_alternative.Daemons[i], used, gigabits));
        }

        List<Metric> metrics = [.. sample.Metrics];
        if (gigabits > 0)
        {
            metrics.Add(Metric.Less(MachineMetric, "s/Gbit", machine.Busy.TotalSeconds / gigabits));
            costs.Add(new ProcessCost
            {
                Name = "machine",
                CpuSecondsPerGbit = machine.Busy.TotalSeconds / gigabits,
            });
            if (after.Count > 0)
            {
                metrics.Add(Metric.Less(DaemonsMetric, "s/Gbit", totals.Cpu.TotalSeconds / gigabits));
            }
        }

        double packets = totals.Packets;
        if (packets > 0)
        {
            metrics.Add(Metric.Less(AllocatedMetric, "B/packet", totals.AllocatedBytes / packets));
            metrics.Add(Metric.Less(CallsMetric, "1/packet", totals.SystemCalls / packets));
            metrics.Add(Metric.More(BatchMetric, "", packets / Math.Max(1, totals.Passes)));
        }

        return sample with { Metrics = metrics, Costs = costs };
    }

    private static ProcessCost CostOf(LabProcess process, DaemonCounters used, double gigabits) => new()
    {
        Name = process.Name,
        CpuSecondsPerGbit = gigabits > 0 ? used.Cpu.TotalSeconds / gigabits : null,
        ResidentKiB = process.ResidentKibibytes,
        PeakResidentKiB = process.ResidentPeakKibibytes,
        AllocatedBytesPerPacket = used.Packets > 0 ? used.AllocatedBytes / used.Packets : null,
        SystemCallsPerPacket = used.Packets > 0 ? used.SystemCalls / used.Packets : null,
        PacketsPerBatch = used.Packets > 0 && used.Passes > 0 ? used.Packets / used.Passes : null,
    };

    private static async Task<IReadOnlyList<DaemonCounters>> ReadAsync(LabAlternative alternative)
    {
        if (alternative.Mesh is not { } mesh)
        {
            return [.. alternative.Daemons.Select(daemon => DaemonCounters.Of(daemon, ""))];
        }

        var counters = new List<DaemonCounters>();
        foreach (MeshNode node in mesh.Nodes)
        {
            counters.Add(DaemonCounters.Of(node.Dataplane!, await node.MetricsAsync()));
        }

        return counters;
    }
}
