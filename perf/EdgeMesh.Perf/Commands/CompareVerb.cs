using System.CommandLine;
using System.Threading.Tasks;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary><c>edgemesh-perf compare</c>: two saved reports.</summary>
internal static class CompareVerb
{
    private const double MaxRegressionDefault = 5;

    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal)
    {
        var before = new Argument<string>("OLD") { Description = "the older report, JSON" };
        var after = new Argument<string>("NEW") { Description = "the newer report, JSON" };
        var maxRegression = new Option<double>("--max-regression")
        {
            Description = "how much worse a median may be, percent, if it is beyond noise",
            HelpName = "PERCENT",
            DefaultValueFactory = _ => MaxRegressionDefault,
            CustomParser = PublishOptions.ParsePercent,
        };
        var command = new Command(
            "compare", "Tells metric by metric what is better, worse or within noise. Exit code 1 on a regression.")
        {
            before, after, maxRegression,
        };
        command.SetAction((parsed, _) =>
        {
            PerfReport old = ReportFile.Read(parsed.GetValue(before)!);
            PerfReport current = ReportFile.Read(parsed.GetValue(after)!);
            bool isWorse = Publisher.Compare(old, current, parsed.GetValue(maxRegression), terminal.Output);
            return Task.FromResult(isWorse ? ExitCodes.ThresholdFailed : ExitCodes.Success);
        });
        return command;
    }
}
