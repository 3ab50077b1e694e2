using System;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Perf.Commands;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary><c>edgemesh-perf lab</c>: alternatives beside each other on this machine.</summary>
internal static class LabCommand
{
    private const string Description = """
        Measures alternatives beside each other on this machine, as root: each in network namespaces of its own,
        which are removed afterwards; the machine's own network is not touched. Samples are taken in turn, so that a
        slow phase of the machine hits all. Look at ratios: everything shares this machine's cores.
        """;

    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal)
    {
        Option<string[]> via = List(
            "--via", "what to measure: baseline, edgemesh[:epoll|offload-off|workers=N|OPTION=VALUE+...], vxlan, "
                + "wireguard-go, nebula, or a DIRECTORY with another build's programs",
            "baseline,edgemesh,wireguard-go,nebula");
        Option<string[]> tests = List(
            "--tests", $"what to measure of each: {string.Join(", ", LabTests.Names)}, memory-N (N peers), all",
            "tcp,udp,ping,ping-load1,rr,load1");
        Option<int> rounds = new("--rounds")
        {
            Description = "samples of each figure; medians and spreads are of these",
            DefaultValueFactory = _ => 5,
        };
        Option<TimeSpan> duration = RunOptions.Duration("--duration", "-t", "measured time of each sample", 3);
        Option<string> figures = new("--figures")
        {
            Description = "a page whose tables, between the marks of `make figures`, are replaced",
            HelpName = "PAGE.md",
            DefaultValueFactory = _ => "",
        };
        var publish = new PublishOptions();
        var command = new Command("lab", Description) { via, tests, rounds, duration, figures };
        publish.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(
            () => LabRequest.Parse(
                parsed.GetValue(via)!, parsed.GetValue(tests)!, parsed.GetValue(rounds), parsed.GetValue(duration)),
            string.Join(' ', parsed.Tokens.Select(token => token.Value)),
            new LabOutput(publish.Read(parsed), parsed.GetValue(figures)!),
            terminal,
            stop));
        return command;
    }

    private static async Task<int> RunAsync(
        Func<LabRequest> read, string words, LabOutput output, Terminal terminal, CancellationToken stop)
    {
        try
        {
            LabRequest request = read();
            await terminal.Errors.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{request.Alternatives.Count} alternatives, "
                + $"{request.Tests.Count + request.PeersForMemory.Count} tests, {request.Rounds} rounds: "
                + $"about {Math.Ceiling(request.Estimate.TotalMinutes)} min"));
            ReportMeta meta = Circumstances.Read(words);
            await using var run = new LabRun(request, terminal.Errors);
            await run.StartAsync(stop);
            meta = await LabMeta.DescribeAsync(meta, run.Paths);
            await run.MeasureAsync(stop);
            return output.Write(run, meta with { Notes = run.Notes }, terminal);
        }
        catch (Exception failure) when (failure is LabException or PerfException)
        {
            // What Ctrl-C at a terminal reaches first is the programs in the labs.
            stop.ThrowIfCancellationRequested();
            throw new PerfException(failure.Message, failure);
        }
    }

    private static Option<string[]> List(string name, string description, string otherwise) => new(name)
    {
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [otherwise],
    };
}
