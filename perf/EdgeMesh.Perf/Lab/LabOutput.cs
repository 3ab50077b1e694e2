using System.IO;
using EdgeMesh.Perf.Commands;
using EdgeMesh.Perf.Reporting;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>Where the report of a lab goes.</summary>
/// <param name="Publish">As of every verb; in a directory it is written in three forms.</param>
/// <param name="FiguresPath">A page with tables to replace; empty: none.</param>
internal sealed record LabOutput(PublishSettings Publish, string FiguresPath)
{
    private const string Name = "report";

    /// <summary>Writes everything.</summary>
    /// <returns>The exit code.</returns>
    public int Write(LabRun run, ReportMeta meta, Terminal terminal)
    {
        var report = new PerfReport { Meta = meta, Results = run.Samples.ToResults() };
        if (FiguresPath.Length > 0)
        {
            FiguresPage.Insert(FiguresPath, FiguresPage.Write(run.Samples, meta, run.Rounds));
            terminal.Errors.WriteLine($"the tables of {FiguresPath} are replaced");
        }

        PublishSettings publish = Publish;
        if (Directory.Exists(publish.OutPath))
        {
            string file = Path.Combine(publish.OutPath, Name);
            ReportWriter.WriteFile(file + ".json", report, OutputFormat.Json);
            ReportWriter.WriteFile(file + ".md", report, OutputFormat.Markdown);
            ReportWriter.WriteFile(file + ".html", report, OutputFormat.Html);
            publish = publish with { OutPath = "" };
        }

        int code = Publisher.Publish(report, publish, terminal);
        if (publish != Publish)
        {
            string path = Path.GetFullPath(Path.Combine(Publish.OutPath, Name));
            terminal.Errors.WriteLine($"the report is in {path}.html, .md and .json");
        }

        if (run.Failures > 0)
        {
            terminal.Errors.WriteLine($"edgemesh-perf: {run.Failures} samples are missing, the report's notes say why");
        }

        return code == ExitCodes.Success && run.Failures > 0 ? ExitCodes.CannotRun : code;
    }
}
