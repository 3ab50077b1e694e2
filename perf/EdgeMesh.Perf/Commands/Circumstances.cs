using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary>Reads the machine and the circumstances for a report; <c>lab</c> adds its alternatives'.</summary>
internal static class Circumstances
{
    private const int QuietMillis = 300;
    private const int WorkRounds = 40;
    private const int WorkSteps = 400_000; // about a millisecond

    /// <summary>Of a measurement between two ends.</summary>
    public static ReportMeta Read(
        string words, PerfTarget target, string device, string congestion, bool withNoise) =>
        Read(words, withNoise) with
    {
        Placement = device == "lo" ? "loopback: no network between the ends" : $"network, by {device}",
        MtuBytes = RouteDevice.MtuBytes(device),
        CongestionControl = congestion.Length > 0
            ? congestion : Line("/proc/sys/net/ipv4/tcp_congestion_control"),
        Notes = [$"server: {target.EndPoint}"],
    };

    /// <summary>Of this machine.</summary>
    public static ReportMeta Read(string words, bool withNoise = true) => new()
    {
        StartTime = DateTimeOffset.UtcNow,
        CommandLine = words,
        PerfVersion = ProductVersion.Text,
        Kernel = Line("/proc/sys/kernel/osrelease"),
        CpuModel = Field("/proc/cpuinfo", "model name"),
        Cores = Environment.ProcessorCount,
        CpuGovernor = Line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        MemoryMiB = long.TryParse(
            Field("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture, out long kib) ? kib / 1024
                : 0,
        Noise = withNoise ? ReadNoise() : null,
    };

    private static MachineNoise ReadNoise()
    {
        (double busy, double stolen, double all) before = ProcessorTicks();
        Thread.Sleep(QuietMillis);
        (double busy, double stolen, double all) after = ProcessorTicks();
        double ticks = Math.Max(after.all - before.all, 1);
        List<double> times = [.. Enumerable.Range(0, WorkRounds).Select(_ => WorkSeconds())];
        return new MachineNoise
        {
            BusyPercent = (after.busy - before.busy) / ticks * 100,
            StolenPercent = (after.stolen - before.stolen) / ticks * 100,
            SpreadPercent = (times.Max() - times.Min()) / times.Min() * 100,
        };
    }

    // proc_stat(5): user nice system idle iowait irq softirq steal.
    private static (double Busy, double Stolen, double All) ProcessorTicks()
    {
        double[] ticks = [.. Line("/proc/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        const int Idle = 3;
        const int Waiting = 4;
        const int Stolen = 7;
        return ticks.Length <= Stolen
            ? (0, 0, 0)
            : (ticks.Sum() - ticks[Idle] - ticks[Waiting] - ticks[Stolen], ticks[Stolen], ticks.Sum());
    }

    private static double WorkSeconds()
    {
        long start = Stopwatch.GetTimestamp();
        uint value = 1;
        for (int i = 0; i < WorkSteps; i++)
        {
            value = unchecked((value * 1664525) + 1013904223); // each step needs the one before
        }

        GC.KeepAlive(value);
        return Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-9);
    }

    private static string Line(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault("").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Field(string path, string name)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
                ?.Split(':', 2)[1].Trim() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
