using System;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>What a client asks a server to take part in.</summary>
public sealed record MeasurementRequest
{
    /// <summary>What is measured.</summary>
    public TestKind Test { get; set; }

    /// <summary>Flows, at least 1.</summary>
    public int Streams { get; set; } = 1;

    /// <summary>Where bulk goes.</summary>
    public FlowDirection Direction { get; set; }

    /// <summary>Bytes of a bulk write, a datagram or a request.</summary>
    public int MessageBytes { get; set; } = 1;

    /// <summary>Bytes of a response.</summary>
    public int ResponseBytes { get; set; } = 1;

    /// <summary>Measured time.</summary>
    public int DurationMillis { get; set; }

    /// <summary>Time at the beginning that doesn't count.</summary>
    public int OmitMillis { get; set; }

    /// <summary>From one value of a series to the next.</summary>
    public int IntervalMillis { get; set; } = 1000;

    /// <summary>Datagrams or transactions per second of all flows; 0: as many as it can.</summary>
    public double RatePerSecond { get; set; }

    /// <summary>Datagrams handed to the kernel in one send.</summary>
    public int SegmentsPerSend { get; set; } = 1;

    /// <summary>Who counts datagrams.</summary>
    public ArrivalCounting Counting { get; set; }

    /// <summary>TCP's congestion control; empty: the machine's.</summary>
    public string Congestion { get; set; } = "";

    /// <summary>Of the random payload.</summary>
    public int Seed { get; set; }

    /// <summary>Whether both ends send bulk.</summary>
    internal bool IsBulk => Test is TestKind.TcpBulk or TestKind.UdpBulk;

    /// <summary>Whether datagrams carry it.</summary>
    internal bool IsUdp => Test is TestKind.UdpBulk or TestKind.UdpRoundTrip;

    /// <summary>Whether the client sends bulk.</summary>
    internal bool HasUp => Direction != FlowDirection.Down;

    /// <summary>Whether the server sends bulk.</summary>
    internal bool HasDown => IsBulk && Direction != FlowDirection.Up;

    /// <summary>Connections, or their like, from the client.</summary>
    internal int FlowsExpected =>
        Test == TestKind.TcpConnect ? 0 : Direction == FlowDirection.Both ? 2 * Streams : Streams;

    /// <summary>What is wrong with it, as a sentence with the remedy, or null.</summary>
    public string? Problem()
    {
        int least = IsUdp ? UdpDatagram.HeaderBytes : 1;
        int most = IsUdp ? MeasuringLimits.DatagramBytesMax : MeasuringLimits.MessageBytesMax;
        return this switch
        {
            _ when !Enum.IsDefined(Test) || !Enum.IsDefined(Direction) || !Enum.IsDefined(Counting) =>
                "an unknown test, direction or counting; use the same version at both ends",
            { Streams: < 1 or > MeasuringLimits.StreamsMax } =>
                $"{Streams} streams; ask for 1 to {MeasuringLimits.StreamsMax}",
            _ when MessageBytes < least || MessageBytes > most =>
                $"messages of {MessageBytes} bytes; ask for {least} to {most}",
            _ when ResponseBytes < least || ResponseBytes > most =>
                $"responses of {ResponseBytes} bytes; ask for {least} to {most}",
            _ when DurationMillis < 1 || DurationMillis > MeasuringLimits.DurationMax.TotalMilliseconds =>
                $"a duration of {DurationMillis} ms; ask for 1 ms to {MeasuringLimits.DurationMax.TotalHours} h",
            _ when OmitMillis < 0 || OmitMillis > MeasuringLimits.DurationMax.TotalMilliseconds =>
                $"{OmitMillis} ms to omit; ask for 0 ms to {MeasuringLimits.DurationMax.TotalHours} h",
            _ when IntervalMillis < MeasuringLimits.IntervalMin.TotalMilliseconds =>
                $"an interval of {IntervalMillis} ms; ask for {MeasuringLimits.IntervalMin.TotalMilliseconds} ms or "
                    + "more",
            _ when DurationMillis / IntervalMillis > MeasuringLimits.IntervalsMax =>
                $"more than {MeasuringLimits.IntervalsMax} intervals; ask for longer ones",
            _ when double.IsNaN(RatePerSecond) || RatePerSecond < 0
                || RatePerSecond > MeasuringLimits.RatePerSecondMax =>
                $"a rate of {RatePerSecond}/s; ask for at most {MeasuringLimits.RatePerSecondMax}/s",
            { SegmentsPerSend: < 1 or > MeasuringLimits.SegmentsPerSendMax } =>
                $"{SegmentsPerSend} datagrams per send; ask for 1 to {MeasuringLimits.SegmentsPerSendMax}",
            _ when (long)SegmentsPerSend * MessageBytes > MeasuringLimits.DatagramBytesMax && SegmentsPerSend > 1 =>
                $"{SegmentsPerSend} datagrams of {MessageBytes} bytes in one send; "
                + $"together they may have {MeasuringLimits.DatagramBytesMax} bytes",
            _ => CongestionProblem(),
        };
    }

    private string? CongestionProblem()
    {
        foreach (char letter in Congestion)
        {
            if (Congestion.Length > TcpOptions.CongestionNameMax
                || (!char.IsAsciiLetterOrDigit(letter) && letter is not '_' and not '-'))
            {
                return "the congestion control has an impossible name; see sysctl "
                    + "net.ipv4.tcp_available_congestion_control";
            }
        }

        return null;
    }
}
