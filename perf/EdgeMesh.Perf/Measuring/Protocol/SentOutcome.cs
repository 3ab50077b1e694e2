namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>What went out at one end of a session.</summary>
public sealed record SentOutcome
{
    /// <summary>Datagrams from the first to the last one, omitted time included; 0 for TCP.</summary>
    public double PacketsTotal { get; set; }

    /// <summary>Datagrams per second in the measured time; 0 for TCP.</summary>
    public double PacketsPerSecond { get; set; }

    /// <summary>Sends that the kernel refused: no buffer, unreachable.</summary>
    public double Errors { get; set; }

    /// <summary>Segments that TCP sent again (TCP_INFO), of all streams.</summary>
    public double Retransmits { get; set; }

    /// <summary>TCP's smoothed round trip at the end, mean of the streams, microseconds.</summary>
    public double RttMicros { get; set; }

    /// <summary>TCP's congestion window at the end, mean of the streams, bytes.</summary>
    public double CongestionWindowBytes { get; set; }

    /// <summary>TCP's largest segment at the end, bytes.</summary>
    public double SegmentBytes { get; set; }

    internal bool IsPlausible() =>
        SideOutcome.IsCount(PacketsTotal) && SideOutcome.IsCount(PacketsPerSecond) && SideOutcome.IsCount(Errors)
        && SideOutcome.IsCount(Retransmits) && SideOutcome.IsCount(RttMicros)
        && SideOutcome.IsCount(CongestionWindowBytes) && SideOutcome.IsCount(SegmentBytes);
}
