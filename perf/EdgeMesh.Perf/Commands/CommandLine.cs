using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Lab;
using EdgeMesh.Perf.Scale;

namespace EdgeMesh.Perf.Commands;

/// <summary>The verbs and their exit codes.</summary>
internal static class CommandLine
{
    private const string Description = """
        Measures throughput, latency, and latency under load between two machines, two pods, or in a lab on this one.

        On one end:    edgemesh-perf server
        On the other:  edgemesh-perf tcp --to ADDRESS
        On one machine, as root, beside plain routing and other overlays:  edgemesh-perf lab
        A large cluster, simulated on one machine, as root:                edgemesh-perf cluster

        Exit codes:
          0  measured, and every threshold held
          1  a threshold failed (--fail-if, --max-regression)
          2  it could not run
          3  the packets took another path than was asked for
        """;

    /// <summary>Parses and runs.</summary>
    /// <param name="args">The words after the program's name.</param>
    /// <param name="terminal">Where answers go.</param>
    /// <param name="stop">Interrupts.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken stop)
    {
        ParseResult result = Build(terminal).Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (ParseError error in result.Errors)
            {
                await terminal.Errors.WriteLineAsync($"edgemesh-perf: {error.Message}");
            }

            await terminal.Errors.WriteLineAsync("edgemesh-perf: see edgemesh-perf --help");
            return ExitCodes.CannotRun;
        }

        var configuration = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Errors,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // signals are Program's
        };
        try
        {
            return await result.InvokeAsync(configuration, stop);
        }
        catch (PerfException e)
        {
            await terminal.Errors.WriteLineAsync($"edgemesh-perf: {e.Message}");
            return ExitCodes.CannotRun;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await terminal.Errors.WriteLineAsync("edgemesh-perf: interrupted; no measurement was completed");
            return ExitCodes.CannotRun;
        }
        finally
        {
            await terminal.Output.FlushAsync(CancellationToken.None);
        }
    }

    private static RootCommand Build(Terminal terminal)
    {
        var root = new RootCommand(Description) { ServerCommand.Build(terminal) };
        foreach (Command verb in MeasuringVerbs.Build(terminal))
        {
            root.Subcommands.Add(verb);
        }

        root.Subcommands.Add(LoadVerb.Build(terminal));
        root.Subcommands.Add(SweepVerb.Build(terminal));
        root.Subcommands.Add(LabCommand.Build(terminal));
        root.Subcommands.Add(ScaleCommand.Build(terminal));
        root.Subcommands.Add(ScaleCommand.BuildStandIn(terminal));
        root.Subcommands.Add(MicroVerb.Build(terminal));
        root.Subcommands.Add(ReportVerb.Build(terminal));
        root.Subcommands.Add(CompareVerb.Build(terminal));
        return root;
    }
}
