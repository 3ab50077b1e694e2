using System;
using System.IO;
using System.Linq;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>A report in Markdown.</summary>
internal static class MarkdownReport
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, PerfReport report)
    {
        output.WriteLine("# edgemesh-perf");
        output.WriteLine();
        foreach (IGrouping<string, PerfResult> group in report.Results.GroupBy(result => result.Key))
        {
            output.WriteLine($"## {Escape(group.Key)}");
            output.WriteLine();
            ReportTables.Metrics(report, group).WriteMarkdown(output);
            ReportTables.Latencies(group)?.WriteMarkdown(output);
            ReportTables.Costs(group)?.WriteMarkdown(output);
            WriteNotes(output, [.. group.SelectMany(result => result.Notes).Distinct()]);
        }

        output.WriteLine("## Machine");
        output.WriteLine();
        ReportTables.Meta(report.Meta).WriteMarkdown(output);
        WriteNotes(output, [.. report.Meta.Notes]);
    }

    private static void WriteNotes(TextWriter output, string[] notes)
    {
        foreach (string note in notes)
        {
            output.WriteLine($"- {Escape(note)}");
        }

        if (notes.Length > 0)
        {
            output.WriteLine();
        }
    }

    private static string Escape(string text) => PlainText.Of(text).Replace("<", "&lt;", StringComparison.Ordinal);
}
