using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Dataplane.Model;

/// <summary>The control process's last report of itself. Safe from every thread.</summary>
internal sealed class ControlReports
{
    private Kept? _last; // replaced whole

    /// <summary>Takes a report; what is over the limits is left out.</summary>
    public void Keep(ControlReport report)
    {
        var kept = new ControlReport
        {
            Source = Cut(report.Source),
            Generation = report.Generation,
            ShardAgeSeconds = report.ShardAgeSeconds,
            Trust = Cut(report.Trust),
        };
        kept.Problems.AddRange(report.Problems.Take(ControlLimits.ReportLinesMax).Select(Cut));
        kept.Unreachable.AddRange(report.Unreachable.Take(ControlLimits.ReportLinesMax).Select(Cut));
        Volatile.Write(ref _last, new Kept(kept, Stopwatch.GetTimestamp()));
    }

    /// <summary>The last report and its age; null if there is none.</summary>
    public (ControlReport Report, TimeSpan Age)? Read() =>
        Volatile.Read(ref _last) is { } last ? (last.Report, Stopwatch.GetElapsedTime(last.Came)) : null;

    private static string Cut(string text) =>
        text.Length <= ControlLimits.ReportCharsMax ? text : text[..ControlLimits.ReportCharsMax];

    private sealed record Kept(ControlReport Report, long Came);
}
