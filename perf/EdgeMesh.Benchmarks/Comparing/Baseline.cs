using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Reports;

namespace EdgeMesh.Benchmarks.Comparing;

/// <summary>The outcomes of one run, and the machine they come from.</summary>
/// <param name="Machine">Processor, kernel, runtime.</param>
/// <param name="Measurements">One for each benchmark.</param>
public sealed record Baseline(string Machine, IReadOnlyList<Measurement> Measurements)
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    /// <summary>The outcomes of a run; benchmarks that failed are left out.</summary>
    public static Baseline Of(IReadOnlyList<Summary> summaries)
    {
        HostEnvironmentInfo host = summaries[0].HostEnvironmentInfo;
        string machine = $"{host.Cpu.Value?.ProcessorName ?? "unknown processor"}, {Environment.ProcessorCount} cores, "
            + $"{Environment.OSVersion.VersionString}, .NET {Environment.Version}";
        return new Baseline(machine,
        [
            .. from summary in summaries
               from report in summary.Reports
               where report.ResultStatistics is not null
               select new Measurement(
                   $"{report.BenchmarkCase.Descriptor.Type.Name}.{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}"
                   + (report.BenchmarkCase.Parameters.Count == 0
                   ? "" : $"({report.BenchmarkCase.Parameters.PrintInfo})"),
                   Math.Round(report.ResultStatistics!.Mean, 3),
                   Math.Round(report.ResultStatistics.StandardError, 3),
                   report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0),
        ]);
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    public static Baseline Read(string path) =>
        JsonSerializer.Deserialize<Baseline>(File.ReadAllText(path))
        ?? throw new InvalidDataException($"{path} holds no baseline; write one with --write-baseline");

    /// <summary>With the quicker outcome of each measurement that the other one has too.</summary>
    public Baseline Best(Baseline other)
    {
        Dictionary<string, Measurement> others = other.Measurements.ToDictionary(each => each.Name);
        return this with
        {
            Measurements =
            [
                .. Measurements.Select(each => others.TryGetValue(each.Name, out Measurement? again)
                    && again.Nanoseconds < each.Nanoseconds ? again : each),
            ],
        };
    }

    /// <summary>Writes it, measurements that it does not have kept from a file that is there.</summary>
    public void Write(string path)
    {
        IEnumerable<Measurement> kept = File.Exists(path)
            ? Read(path).Measurements.ExceptBy(Measurements.Select(each => each.Name), each => each.Name)
            : [];
        Baseline whole = this with
        {
            Measurements = [.. Measurements.Concat(kept).OrderBy(each => each.Name, StringComparer.Ordinal)],
        };
        File.WriteAllText(path, JsonSerializer.Serialize(whole, Layout) + "\n");
    }
}
