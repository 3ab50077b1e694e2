using System.IO;
using System.Linq;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>A report for a terminal.</summary>
internal static class TextReport
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, PerfReport report)
    {
        foreach (IGrouping<string, PerfResult> group in report.Results.GroupBy(result => result.Key))
        {
            output.WriteLine();
            output.WriteLine(PlainText.Of(group.Key));
            ReportTables.Metrics(report, group).WriteAligned(output);
            ReportTables.Latencies(group)?.WriteAligned(output);
            ReportTables.Costs(group)?.WriteAligned(output);
            foreach (string note in group.SelectMany(result => result.Notes).Distinct())
            {
                output.WriteLine($"  note: {PlainText.Of(note)}");
            }
        }

        output.WriteLine();
        ReportTables.Meta(report.Meta).WriteAligned(output);
        foreach (string note in report.Meta.Notes)
        {
            output.WriteLine($"  note: {PlainText.Of(note)}");
        }
    }
}
