namespace EdgeMesh.Perf.Results;

/// <summary>What a process of the path cost while the test ran. Null: not known of this process.</summary>
public sealed record ProcessCost
{
    /// <summary>The process and its place: <c>edgemesh-dataplane cloud-1</c>; <c>machine</c>: all.</summary>
    public required string Name { get; init; }

    /// <summary>Processor seconds per gigabit of payload that was delivered.</summary>
    public double? CpuSecondsPerGbit { get; set; }

    /// <summary>Resident memory at the end, KiB.</summary>
    public long? ResidentKiB { get; set; }

    /// <summary>Most resident memory so far, KiB.</summary>
    public long? PeakResidentKiB { get; set; }

    /// <summary>Managed bytes allocated per packet.</summary>
    public double? AllocatedBytesPerPacket { get; set; }

    /// <summary>System calls per packet.</summary>
    public double? SystemCallsPerPacket { get; set; }

    /// <summary>Packets handled in one pass.</summary>
    public double? PacketsPerBatch { get; set; }
}
