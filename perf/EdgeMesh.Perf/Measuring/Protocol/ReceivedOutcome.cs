using System.Collections.Generic;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>What came in at one end of a session.</summary>
public sealed record ReceivedOutcome
{
    /// <summary>Measured time, seconds, without what was omitted.</summary>
    public double Seconds { get; set; }

    /// <summary>Payload in that time, bytes.</summary>
    public double Bytes { get; set; }

    /// <summary>Datagrams in that time; 0 for TCP.</summary>
    public double Packets { get; set; }

    /// <summary>Payload per second of each interval, bits.</summary>
    public IReadOnlyList<double> BitsPerSecond { get; set; } = [];

    /// <summary>Payload of each stream in the measured time, bytes.</summary>
    public IReadOnlyList<double> StreamBytes { get; set; } = [];

    /// <summary>Datagrams from the first to the last one, omitted time and drain included.</summary>
    public double PacketsTotal { get; set; }

    /// <summary>Datagrams that came after a later one.</summary>
    public double Reordered { get; set; }

    /// <summary>Mean over the streams of the interarrival jitter (RFC 3550 §6.4.1), microseconds.</summary>
    public double JitterMicros { get; set; }

    /// <summary>Whether loss, order and jitter are known: false if the kernel counted.</summary>
    public bool IsEachSeen { get; set; } = true;

    internal bool IsPlausible() =>
        Seconds is > 0 and < double.PositiveInfinity && SideOutcome.IsCount(Bytes) && SideOutcome.IsCount(Packets)
        && SideOutcome.IsCount(PacketsTotal) && SideOutcome.IsCount(Reordered) && SideOutcome.IsCount(JitterMicros)
        && SideOutcome.AreCounts(BitsPerSecond) && SideOutcome.AreCounts(StreamBytes);
}
