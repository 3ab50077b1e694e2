using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli.Commands;

/// <summary>The commands, their options and their exit codes.</summary>
internal sealed class CommandLine
{
    private const string Description = """
        Shows what the data plane of this node does, asked over its control socket; 'trust' and 'doctor' ask a cluster's
        API. Only 'reconnect' and 'trust' change anything.

        Exit codes:
          0  done
          1  the data plane refused, no probe of a ping was answered, no new connection came about, no key was
             approved, or the doctor found something
          2  the command line is wrong
          3  no data plane can be reached at the socket
          4  the cluster's API can't be reached, or refuses what was asked

        JSON has lowerCamelCase names; durations are seconds, sizes bytes. Fields are only ever added.
        Tables are for people and may change.
        """;

    private const double ReconnectSecondsMin = 0.1;
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    private readonly Terminal _terminal;
    private readonly Option<string> _socket = new("--socket")
    {
        Description = "control socket of edgemesh-dataplane",
        HelpName = "PATH",
        DefaultValueFactory = _ => DataplaneLink.SocketPathDefault,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "table for people, json for programs",
        DefaultValueFactory = _ => "table",
    };

    private CommandLine(Terminal terminal)
    {
        _terminal = terminal;
        _output.AcceptOnlyFromAmong("table", "json");
    }

    /// <summary>Parses and runs.</summary>
    /// <param name="args">The words after the program's name.</param>
    /// <param name="terminal">Where answers go.</param>
    /// <param name="stop">Interrupts.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken stop)
    {
        ParseResult result = new CommandLine(terminal).Build().Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (ParseError error in result.Errors)
            {
                await terminal.Errors.WriteLineAsync($"edgemesh: {error.Message}");
            }

            await terminal.Errors.WriteLineAsync("edgemesh: see edgemesh --help");
            return ExitCodes.Usage;
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
        catch (CommandException e)
        {
            await terminal.Errors.WriteLineAsync($"edgemesh: {e.Message}");
            return e.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCodes.Failure;
        }
        finally
        {
            await terminal.Output.FlushAsync(CancellationToken.None);
        }
    }

    private RootCommand Build() => new(Description)
    {
        ReportCommand(
            "status", "Node, snapshot and its age, back ends, counters, conflicts, connection events.",
            new StatusReport()),
        ReportCommand(
            "peers", "Every node of the mesh: state, path, endpoint, round trip, traffic, last error.",
            new PeersReport()),
        ReportCommand("routes", "Every prefix and its node, refused ones included.", new RoutesReport()),
        ReportCommand("drops", "Dropped packets by reason, with cause and remedy.", new DropsReport()),
        PingCommand(),
        ReconnectCommand(),
        ClusterCommands.Trust(_terminal, _output, Format),
        ClusterCommands.Doctor(_terminal, _output, Format),
    };

    private Command ReportCommand<T>(string name, string description, Report<T> report)
        where T : class
    {
        var command = new Command(name, description) { _socket, _output };
        command.SetAction((parsed, cancel) => ShowAsync(report, parsed, cancel));
        return command;
    }

    private async Task<int> ShowAsync<T>(Report<T> report, ParseResult parsed, CancellationToken cancel)
        where T : class
    {
        await using DataplaneLink link = await DataplaneLink.OpenAsync(parsed.GetValue(_socket)!, cancel);
        Response response = await link.AskAsync(report.Request, AnswerTime, cancel);
        if (response.Error is { } error)
        {
            throw link.Refused(error);
        }

        if (!report.TryRead(response, out T? answer))
        {
            throw link.TooOld();
        }

        if (Format(parsed) == OutputFormat.Json)
        {
            JsonText.Write(_terminal.Output, json => report.WriteJson(answer, json));
        }
        else
        {
            report.WriteTable(answer, _terminal.Output, _terminal.Columns);
        }

        return ExitCodes.Success;
    }

    private Command PingCommand()
    {
        var target = new Argument<string>("target")
        {
            HelpName = "POD_IP|NODE",
            Description = "an address of the overlay, or a node's name",
        };
        Option<int> count = Number(
            "-c", "--count", "N", "probes to send; 0 goes on until interrupted", PingOptions.CountDefault, 0,
            PingOptions.CountMax);
        Option<double> interval = Number(
            "-i", "--interval", "SECONDS", "from one probe to the next",
            1, PingOptions.IntervalSecondsMin, PingOptions.IntervalSecondsMax);
        Option<double> timeout = Number(
            "-W", "--timeout", "SECONDS", "how long to wait for an answer",
            2, PingOptions.TimeoutSecondsMin, PingOptions.TimeoutSecondsMax);
        var command = new Command(
            "ping",
            "Measures the round trip to a node through its tunnel, with path and endpoint. "
            + "Exit code 1 if no probe was answered.")
        {
            target, count, interval, timeout, _socket, _output,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using DataplaneLink link = await DataplaneLink.OpenAsync(parsed.GetValue(_socket)!, cancel);
            var options = new PingOptions(
                parsed.GetValue(target)!,
                parsed.GetValue(count),
                TimeSpan.FromSeconds(parsed.GetValue(interval)),
                TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Format(parsed));
            return await new PingRun(link, options, _terminal).RunAsync(cancel);
        });
        return command;
    }

    private Command ReconnectCommand()
    {
        var node = new Argument<string>("node") { HelpName = "NODE", Description = "a node's name" };
        Option<double> timeout = Number(
            "-W", "--timeout", "SECONDS", "how long to try",
            10, ReconnectSecondsMin, ControlLimits.ReconnectTimeoutMillisecondsMax / 1000.0);
        var command = new Command(
            "reconnect",
            "Makes a new connection to a node and moves its traffic there; no packet is lost, as the connection in use "
            + "stays until the new one carries packets. Exit code 1 if none does in time; then nothing has changed.")
        {
            node, timeout, _socket, _output,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using DataplaneLink link = await DataplaneLink.OpenAsync(parsed.GetValue(_socket)!, cancel);
            return await new ReconnectRun(link, _terminal).RunAsync(
                parsed.GetValue(node)!, TimeSpan.FromSeconds(parsed.GetValue(timeout)), Format(parsed), cancel);
        });
        return command;
    }

    private OutputFormat Format(ParseResult parsed) =>
        parsed.GetValue(_output) == "json" ? OutputFormat.Json : OutputFormat.Table;

    // A parser of our own: a validator would throw on a word that is no number.
    private static Option<T> Number<T>(
        string name, string alias, string unit, string description, T value, T min, T max)
        where T : struct, INumber<T> => new(name, alias)
        {
            HelpName = unit,
            Description = description,
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                if (T.TryParse(word, CultureInfo.InvariantCulture, out T number) && number >= min && number <= max)
                {
                    return number;
                }

                result.AddError($"{name} {word}: write a number from {min} to {max}");
                return value;
            },
        };
}
