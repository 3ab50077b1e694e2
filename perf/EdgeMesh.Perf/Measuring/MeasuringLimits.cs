using System;

namespace EdgeMesh.Perf.Measuring;

/// <summary>What one measurement and one server may be asked for.</summary>
public static class MeasuringLimits
{
    /// <summary>TCP port of the server; also the first choice for UDP.</summary>
    public const int PortDefault = 5210;

    /// <summary>Flows of one measurement: each has a thread at both ends.</summary>
    public const int StreamsMax = 128;

    /// <summary>Flows of all sessions of a server.</summary>
    public const int StreamsOfServerMax = 512;

    /// <summary>Sessions of a server at once.</summary>
    public const int SessionsMax = 16;

    /// <summary>Connections that have not said what they are for, and those of crr while they are answered.</summary>
    public const int StrangersMax = 192;

    /// <summary>Largest message of TCP, bytes.</summary>
    public const int MessageBytesMax = 1 << 20;

    /// <summary>Largest UDP payload over IPv4: 65535 - 20 - 8 (RFC 791, RFC 768).</summary>
    public const int DatagramBytesMax = 65_507;

    /// <summary>Datagrams in one send: UDP_MAX_SEGMENTS of linux/udp.h before 6.9.</summary>
    public const int SegmentsPerSendMax = 64;

    /// <summary>Packets or transactions per second.</summary>
    public const double RatePerSecondMax = 100_000_000;

    /// <summary>Shortest interval between two lines, and of a series.</summary>
    public static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(10);

    /// <summary>Values of a series; bounds what a server keeps and sends.</summary>
    public const int IntervalsMax = 10_000;

    /// <summary>Longest measurement that may be asked for.</summary>
    public static readonly TimeSpan DurationMax = TimeSpan.FromDays(1);

    /// <summary>Longest measurement that a server allows unless told otherwise.</summary>
    public static readonly TimeSpan DurationOfServerDefault = TimeSpan.FromMinutes(10);

    /// <summary>How long either end waits for the other's next word outside of a measurement.</summary>
    public static readonly TimeSpan WordTime = TimeSpan.FromSeconds(5);

    /// <summary>How long what is on its way may take after the last packet was sent.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);
}
