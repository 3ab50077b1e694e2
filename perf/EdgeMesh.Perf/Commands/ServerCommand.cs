using System;
using System.CommandLine;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Serving;

namespace EdgeMesh.Perf.Commands;

/// <summary><c>edgemesh-perf server</c>: the other end.</summary>
internal static class ServerCommand
{
    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal)
    {
        var listen = new Option<string>("--listen")
        {
            Description = "address and port; 0.0.0.0 for IPv4 only",
            HelpName = "ADDRESS[:PORT]",
            DefaultValueFactory = _ => $"[::]:{MeasuringLimits.PortDefault}",
        };
        var once = new Option<bool>("--once") { Description = "end after the first session" };
        Option<TimeSpan> durationMax = RunOptions.Duration(
            "--duration-max", null, "longest measurement that a client may ask for",
                MeasuringLimits.DurationOfServerDefault.TotalSeconds);
        var affinity = new Option<string>("--cpu-affinity", "-A")
        {
            Description = "processors for this program: 0, 0-1, 0,2",
            HelpName = "LIST",
            DefaultValueFactory = _ => "",
        };
        var command = new Command(
            "server",
            "The other end of a measurement. Anyone who reaches its port can make it send and receive: "
            + "listen only on networks that you trust, and no longer than you need it.")
        {
            listen, once, durationMax, affinity,
        };
        command.SetAction((parsed, stop) =>
        {
            CpuAffinity.Apply(parsed.GetValue(affinity)!);
            var options = new ServerOptions
            {
                Listen = ParseListen(parsed.GetValue(listen)!),
                IsOnce = parsed.GetValue(once),
                DurationMax = parsed.GetValue(durationMax),
            };
            Run(options, terminal, stop);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static void Run(ServerOptions options, Terminal terminal, CancellationToken stop)
    {
        using var server = new PerfServer(options, line =>
        {
            lock (terminal)
            {
                terminal.Errors.WriteLine(PlainText.Of(line));
            }
        });
        terminal.Output.WriteLine($"listening on {server.EndPoint}");
        terminal.Output.Flush();
        server.Run(stop);
    }

    // Port 0: any that is free; the line that is printed tells which.
    private static IPEndPoint ParseListen(string text)
    {
        if (text.EndsWith(":0", StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? any))
        {
            return any;
        }

        (string host, int port) = PerfTarget.Split(text);
        return IPAddress.TryParse(host, out IPAddress? address)
            ? new IPEndPoint(address, port)
            : throw new PerfException(
                $"--listen {text}: write an address of this machine, and :PORT unless it is the default");
    }
}
