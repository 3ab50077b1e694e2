using System;
using System.Collections.Generic;
using System.Threading;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;

namespace EdgeMesh.Perf.Commands;

/// <summary>What a verb measures with.</summary>
/// <param name="Settings">What the user asked for.</param>
/// <param name="Target">The server.</param>
/// <param name="Progress">Lines while it runs.</param>
/// <param name="Stop">Interrupts.</param>
internal sealed record RunContext(
    RunSettings Settings, PerfTarget Target, ProgressLines Progress, CancellationToken Stop)
{
    /// <summary>Why steps are missing that were left out because they failed; the others count.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>A request of the settings.</summary>
    /// <exception cref="PerfException">The settings ask for the impossible.</exception>
    public MeasurementRequest Request(TestKind test, int messageBytes, double ratePerSecond)
    {
        var request = new MeasurementRequest
        {
            Test = test,
            Streams = Settings.Streams,
            Direction = test is TestKind.TcpBulk or TestKind.UdpBulk ? Settings.Direction : FlowDirection.Up,
            MessageBytes = messageBytes,
            ResponseBytes = Settings.ResponseBytes ?? messageBytes,
            DurationMillis = (int)Settings.Duration.TotalMilliseconds,
            OmitMillis = (int)Settings.Omit.TotalMilliseconds,
            IntervalMillis = (int)Math.Min(Settings.Interval.TotalMilliseconds, Settings.Duration.TotalMilliseconds),
            RatePerSecond = ratePerSecond,
            SegmentsPerSend = test == TestKind.UdpBulk ? Settings.SegmentsPerSend : 1,
            Counting = Settings.Counting,
            Congestion = Settings.Congestion,
            Seed = Settings.Seed,
        };
        return request.Problem() is string problem ? throw new PerfException(problem) : request;
    }

    /// <summary>Warms up, then measures as often as asked.</summary>
    public IReadOnlyList<T> Repeat<T>(MeasurementRequest request, string what, Func<MeasurementRequest, T> measure)
    {
        if (Settings.Warmup > TimeSpan.Zero)
        {
            Progress.Say($"{what}: warming up");
            measure(request with { DurationMillis = (int)Settings.Warmup.TotalMilliseconds, OmitMillis = 0 });
        }

        var outcomes = new List<T>();
        for (int i = 0; i < Settings.Samples; i++)
        {
            Progress.Say(Settings.Samples > 1 ? $"{what}: sample {i + 1} of {Settings.Samples}" : what);
            outcomes.Add(measure(request));
        }

        return outcomes;
    }
}
