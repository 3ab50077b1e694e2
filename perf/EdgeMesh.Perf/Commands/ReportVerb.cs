using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary><c>edgemesh-perf report</c>: saved reports in another form.</summary>
internal static class ReportVerb
{
    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "reports that --output json has written; the results of several become one report",
            Arity = ArgumentArity.OneOrMore,
        };
        var publish = new PublishOptions();
        var command =
            new Command(
                "report", "Makes a table, Markdown, CSV or an HTML page with charts of saved reports.") { files };
        publish.AddTo(command);
        command.SetAction((parsed, _) => Task.FromResult(Publisher.Publish(
            Merge([.. parsed.GetValue(files)!.Select(ReportFile.Read)]), publish.Read(parsed), terminal)));
        return command;
    }

    /// <summary>One report of several: the first one's circumstances, and a note if others differ.</summary>
    public static PerfReport Merge(IReadOnlyList<PerfReport> reports)
    {
        ReportMeta meta = reports[0].Meta;
        bool isOneMachine =
            reports.All(report => report.Meta.Kernel == meta.Kernel && report.Meta.CpuModel == meta.CpuModel);
        IEnumerable<string> notes = reports.SelectMany(report => report.Meta.Notes).Distinct();
        return new PerfReport
        {
            Meta = meta with
            {
                Notes =
                [
                    .. notes,
                    .. reports.Count > 1
                        ? [$"put together from {reports.Count} reports; the circumstances are the first one's"] : Empty,
                    .. isOneMachine
                        ? Empty : ["the reports come from different machines: their figures can't be compared"],
                ],
            },
            Results = [.. reports.SelectMany(report => report.Results)],
        };
    }

    private static string[] Empty => [];
}
