using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Perf.Commands;
using EdgeMesh.Perf.Lab;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Scale;

/// <summary><c>edgemesh-perf cluster</c>: a large cluster, simulated on this machine.</summary>
internal static class ScaleCommand
{
    /// <summary>The verb of the process that stands for the API server; the simulation starts it.</summary>
    public const string StandInVerb = "cluster-api";

    private const string Description = """
        Simulates a large cluster on this machine, as root, in a network namespace of its own: a stand-in API server,
        the real controller, the real control process of one node, and watchers. Pods come and go with addresses that
        are aligned to nothing, as SpiderPool's are. Shows what controller and node cost, at rest and with churn, and
        how long a pod takes to be known. Without TLS and with one node: the rest of the cluster is not there.
        """;

    private const string Begin = "<!-- cluster figures: begin (written by `make figures-cluster`) -->";
    private const string End = "<!-- cluster figures: end -->";
    private const int PortsMax = 16;
    private const int WatchersMax = 200;
    private const double ChurnMax = 100;
    private const double SecondsDefault = 180;

    private static readonly Option<int> NodesOption = Number("--nodes", "nodes", 5000, 2, ScalePlan.NodesMax);
    private static readonly Option<int> PodsOption =
        Number("--pods", "pods with an address of their own", 100_000, 1, ScalePlan.PodsMax);

    private static readonly Option<int> SeedOption =
        Number("--seed", "seed of what is random", 1, 0, int.MaxValue);

    /// <summary>The verb for people.</summary>
    public static Command Build(Terminal terminal)
    {
        var churn = new Option<double>("--churn")
        {
            Description = $"share of the pods that go per minute, and as many come, percent; at most {ChurnMax}",
            HelpName = "PERCENT",
            DefaultValueFactory = _ => 1,
            CustomParser = PublishOptions.ParsePercent,
        };
        Option<int> watchers = Number("--watchers", "light watchers beside the real node", 20, 0, WatchersMax);
        Option<TimeSpan> duration =
            RunOptions.Duration("--duration", "-t", "time of each of the two phases", SecondsDefault);
        var figures = new Option<string>("--figures")
        {
            Description = "a page whose table, between the marks of `make figures-cluster`, is replaced",
            HelpName = "PAGE.md",
            DefaultValueFactory = _ => "",
        };
        var logs = new Option<string>("--logs")
        {
            Description = "keep the processes' logs there",
            HelpName = "DIR",
            DefaultValueFactory = _ => "",
        };
        var isInside = new Option<bool>(NetworkNamespace.Inside) { Hidden = true };
        var publish = new PublishOptions();
        var command = new Command("cluster", Description)
        {
            NodesOption, PodsOption, churn, watchers, duration, SeedOption, figures, logs, isInside,
        };
        publish.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            PublishSettings settings = publish.Read(parsed);
            if (!parsed.GetValue(isInside))
            {
                return await NetworkNamespace.RunInsideAsync(parsed.Tokens, stop);
            }

            var request = new ScaleRequest(
                Plan(parsed), Math.Min(parsed.GetValue(churn), ChurnMax), parsed.GetValue(duration),
                parsed.GetValue(watchers), parsed.GetValue(logs)!);
            PerfReport report = await MeasureAsync(
                request, string.Join(' ', System.Linq.Enumerable.Select(parsed.Tokens, token => token.Value)),
                terminal, stop);
            if (parsed.GetValue(figures) is { Length: > 0 } page)
            {
                FiguresPage.Insert(page, ScaleResults.Table(report), Begin, End);
                await terminal.Errors.WriteLineAsync($"the table of {page} is replaced");
            }

            int code = Publisher.Publish(report, settings, terminal);
            foreach (string missed in ScaleResults.Missed(report))
            {
                await terminal.Errors.WriteLineAsync($"missed: {missed}");
            }

            return code;
        });
        return command;
    }

    /// <summary>The verb of the stand-in API server.</summary>
    public static Command BuildStandIn(Terminal terminal)
    {
        Option<int> ports = Number("--ports", "ports, each counted apart", 1, 1, PortsMax);
        var command = new Command(StandInVerb, "A simulated cluster's API, on the loopback; `cluster` starts it.")
        {
            NodesOption, PodsOption, SeedOption, ports,
        };
        command.Hidden = true;
        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                await StandInProcess.RunAsync(Plan(parsed), parsed.GetValue(ports), terminal, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Whoever started it is done with it.
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static ScalePlan Plan(ParseResult parsed) =>
        new(parsed.GetValue(NodesOption), parsed.GetValue(PodsOption), parsed.GetValue(SeedOption));

    private static async Task<PerfReport> MeasureAsync(
        ScaleRequest request, string words, Terminal terminal, CancellationToken stop)
    {
        try
        {
            ReportMeta meta = Circumstances.Read(words);
            await using var run = new ScaleRun(request, terminal.Errors);
            await run.StartAsync(stop);
            List<ScalePhase> phases =
            [
                await run.MeasureAsync("idle", 0, stop),
                await run.MeasureAsync("churn", request.ChangesPerMinute, stop),
            ];
            return new PerfReport
            {
                Meta = meta with { Placement = "simulated cluster: loopback, no TLS" },
                Results = ScaleResults.Of(request, run, phases),
            };
        }
        catch (LabException failure)
        {
            stop.ThrowIfCancellationRequested();
            throw new PerfException(failure.Message, failure);
        }
    }

    private static Option<int> Number(string name, string description, int value, int min, int max) => new(name)
    {
        Description = $"{description}; at most {max}",
        HelpName = "N",
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            string word = result.Tokens[0].Value;
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number >= min && number <= max)
            {
                return number;
            }

            result.AddError($"{name} {word}: write a number from {min} to {max}");
            return value;
        },
    };
}
