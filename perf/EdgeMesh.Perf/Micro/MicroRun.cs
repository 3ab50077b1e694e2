using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Micro;

/// <summary>Measures operations in this process: nanoseconds and allocated bytes of one.</summary>
/// <remarks>
/// Operations take turns, sample by sample, so that a machine that slows down does so for all of them. A sample is as
/// many
/// calls as take its time; the clock is read between calls, not within.
/// </remarks>
internal static class MicroRun
{
    /// <summary>Measures each operation.</summary>
    /// <param name="operations">What to measure.</param>
    /// <param name="samples">Samples of each.</param>
    /// <param name="sampleTime">Time of one sample.</param>
    /// <param name="stop">Interrupts.</param>
    public static IReadOnlyList<PerfResult> Measure(
        IReadOnlyList<MicroOperation> operations, int samples, TimeSpan sampleTime, CancellationToken stop)
    {
        double[][] nanos = new double[operations.Count][];
        double[][] bytes = new double[operations.Count][];
        for (int i = 0; i < operations.Count; i++)
        {
            nanos[i] = new double[samples];
            bytes[i] = new double[samples];
            _ = Sample(operations[i], sampleTime / 2); // caches and branch predictors
        }

        for (int sample = 0; sample < samples; sample++)
        {
            for (int i = 0; i < operations.Count; i++)
            {
                stop.ThrowIfCancellationRequested();
                (nanos[i][sample], bytes[i][sample]) = Sample(operations[i], sampleTime);
            }
        }

        var results = new List<PerfResult>();
        for (int i = 0; i < operations.Count; i++)
        {
            results.Add(new PerfResult
            {
                Test = "micro",
                Via = PerfResult.Direct,
                Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["operation"] = operations[i].Name,
                    ["size"] = operations[i].Size,
                },
                Metrics =
                [
                    Metric.Less("time", "ns/op", nanos[i]),
                    Metric.Less("allocated", "B/op", bytes[i]),
                ],
            });
        }

        return results;
    }

    private static (double Nanos, double Bytes) Sample(MicroOperation operation, TimeSpan time)
    {
        long calls = 0;
        int sum = 0;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            sum = unchecked(sum + operation.Call());
            calls++;
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < time);

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        GC.KeepAlive(sum);
        double done = (double)calls * operation.Operations;
        return (elapsed.TotalNanoseconds / done, allocated / done);
    }
}
