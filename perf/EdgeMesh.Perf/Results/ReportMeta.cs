using System;
using System.Collections.Generic;

namespace EdgeMesh.Perf.Results;

/// <summary>The machine, the programs and the circumstances of a run.</summary>
public sealed record ReportMeta
{
    /// <summary>When it began, by the wall clock.</summary>
    public DateTimeOffset StartTime { get; set; }

    /// <summary>The words after the program's name.</summary>
    public string CommandLine { get; set; } = "";

    /// <summary>Version and commit of edgemesh-perf.</summary>
    public string PerfVersion { get; set; } = "";

    /// <summary>Release of the kernel.</summary>
    public string Kernel { get; set; } = "";

    /// <summary>The processor's name.</summary>
    public string CpuModel { get; set; } = "";

    /// <summary>Processors this process may use.</summary>
    public int Cores { get; set; }

    /// <summary>The governor of the first processor's frequency; empty where there is none to choose.</summary>
    public string CpuGovernor { get; set; } = "";

    /// <summary>The machine's memory, MiB.</summary>
    public long MemoryMiB { get; set; }

    /// <summary>How far away the other end is: <c>loopback</c>, <c>lab</c>, <c>network</c>.</summary>
    public string Placement { get; set; } = "";

    /// <summary>MTU of the device that leads to the target; 0: not known.</summary>
    public int MtuBytes { get; set; }

    /// <summary>TCP's congestion control.</summary>
    public string CongestionControl { get; set; } = "";

    /// <summary>How the machine was before the run.</summary>
    public MachineNoise? Noise { get; set; }

    /// <summary>Versions of the alternatives' programs, by name.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; set; } = new Dictionary<string, string>();

    /// <summary>Back ends and offloads of the alternatives, by name.</summary>
    public IReadOnlyDictionary<string, string> BackEnds { get; set; } = new Dictionary<string, string>();

    /// <summary>Sentences that a reader of the figures must know: alternatives that are absent, and why.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];
}
