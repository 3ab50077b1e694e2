namespace EdgeMesh.Perf.Results;

/// <summary>How quiet the machine was just before a run.</summary>
public sealed record MachineNoise
{
    /// <summary>Share of all processors that others used while this program did nothing, percent.</summary>
    public double BusyPercent { get; set; }

    /// <summary>Share of time that the hypervisor gave to others, percent.</summary>
    public double StolenPercent { get; set; }

    /// <summary>Spread of a fixed piece of work, repeated: (slowest - fastest) / fastest, percent.</summary>
    public double SpreadPercent { get; set; }
}
