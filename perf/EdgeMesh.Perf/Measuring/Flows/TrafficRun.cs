using System;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>Runs one end's traffic for its time and takes the intervals.</summary>
internal sealed class TrafficRun(TrafficSide traffic, MeasurementRequest request)
{
    private IntervalSampler? _received;
    private IntervalSampler? _sent;
    private double _cpuSeconds;

    /// <summary>Starts the threads and stays until the time is over.</summary>
    /// <param name="wait">Waits until a time; false ends the run early.</param>
    /// <param name="onInterval">Gets each interval's samplers: received, sent.</param>
    /// <param name="onStarted">Called when all threads run.</param>
    /// <returns>False if it ended early.</returns>
    public bool Measure(
        Func<long, bool> wait,
        Action<IntervalSampler, IntervalSampler>? onInterval = null,
        Action? onStarted = null)
    {
        traffic.Start();
        onStarted?.Invoke();
        AwaitFirst(wait);
        long start = MonotonicTime.Now;
        var received = new IntervalSampler(traffic.Received, request, start);
        var sent = new IntervalSampler(traffic.Sent, request, start);
        (_received, _sent) = (received, sent);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        while (!received.IsDone)
        {
            bool isOn = wait(received.NextNanos);
            traffic.Refresh();
            long now = MonotonicTime.Now;
            received.Take(now);
            sent.Take(now);
            if (received.BitsPerSecond.Count == 0)
            {
                cpu = Environment.CpuUsage.TotalTime; // what is omitted costs nothing
            }
            else
            {
                onInterval?.Invoke(received, sent);
            }

            if (!isOn)
            {
                _cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
                return false;
            }
        }

        _cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        return true;
    }

    // Time runs from the first arrival: until the far end's threads stand there is nothing to measure, and it would
    // count as a slow beginning. Where everything is lost, this ends after a second.
    private void AwaitFirst(Func<long, bool> wait)
    {
        long deadline = MonotonicTime.Now + MonotonicTime.Of(MeasuringLimits.DrainTime);
        long now = MonotonicTime.Now;
        while (request.IsBulk && traffic.Received.Length > 0 && now < deadline
            && Array.TrueForAll(traffic.Received, flow => flow.Packets == 0 && flow.Bytes == 0)
            && wait(now + MonotonicTime.Millisecond))
        {
            traffic.Refresh();
            now = MonotonicTime.Now;
        }
    }

    /// <summary>What was counted, after all threads have ended.</summary>
    public SideOutcome Outcome()
    {
        traffic.Refresh();
        return new SideOutcome
        {
            CpuSeconds = _cpuSeconds,
            Received = traffic.Received.Length == 0 || _received is null ? null
                : traffic.Complete(_received.ToReceived()),
            Sent = traffic.Sent.Length == 0 || _sent is null ? null : traffic.Complete(_sent.ToSent()),
        };
    }
}
