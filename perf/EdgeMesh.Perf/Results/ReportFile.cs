using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeMesh.Perf.Results;

/// <summary>Reports as text and as files.</summary>
public static class ReportFile
{
    private const long FileBytesMax = 256L << 20;

    private static JsonTypeInfo<PerfReport> Type => ReportJson.Default.PerfReport;

    /// <summary>A report as JSON.</summary>
    public static string Write(PerfReport report) => JsonSerializer.Serialize(report, Type);

    /// <summary>The report of a JSON text.</summary>
    /// <exception cref="PerfException">The text is none.</exception>
    public static PerfReport Parse(ReadOnlySpan<byte> json, string origin)
    {
        PerfReport? report;
        try
        {
            report = JsonSerializer.Deserialize(json, Type);
        }
        catch (JsonException e)
        {
            throw new PerfException(
                $"{origin}: not a report of edgemesh-perf ({e.Message}); write one with --output json", e);
        }

        return report switch
        {
            null => throw new PerfException($"{origin}: an empty report; write one with --output json"),
            { Version: > PerfReport.CurrentVersion } => throw new PerfException(
                $"{origin}: a report of version {report.Version}, this program reads up to "
                + $"{PerfReport.CurrentVersion}; use a newer edgemesh-perf"),
            _ when !IsWhole(report) =>
                throw new PerfException($"{origin}: parts of the report are missing; it was edited, or cut off"),
            _ => report,
        };
    }

    // JSON can say null inside of a list, and numbers that are none; C# can't tell a list of those from another.
    private static bool IsWhole(PerfReport report) => report.Meta.Notes.All(note => note is not null)
        && report.Meta.Versions.Values.Concat(report.Meta.BackEnds.Values).All(text => text is not null)
        && report.Results.All(result => result is not null
            && result.Parameters.Values.All(value => value is not null)
            && result.Metrics.All(metric => metric is not null)
            && result.Latencies.All(delays => delays is not null)
            && result.Series.All(series => series is not null)
            && result.Costs.All(cost => cost is not null)
            && result.Notes.All(note => note is not null));

    /// <summary>Reads a file.</summary>
    /// <exception cref="PerfException">It can't be read, or is no report.</exception>
    public static PerfReport Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > FileBytesMax)
            {
                throw new PerfException($"{path}: larger than {FileBytesMax >> 20} MiB, which no report is");
            }

            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PerfException($"{path}: {e.Message}; name a file that --output json has written", e);
        }
    }
}
