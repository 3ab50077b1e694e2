using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary><c>edgemesh reconnect</c>: a new connection to a node in place of the one in use.</summary>
internal sealed class ReconnectRun
{
    // The data plane keeps the request's own time; this is for the control channel around it.
    private static readonly TimeSpan ChannelTime = TimeSpan.FromSeconds(3);

    private readonly DataplaneLink _link;
    private readonly Terminal _terminal;

    /// <summary>Makes a run.</summary>
    public ReconnectRun(DataplaneLink link, Terminal terminal)
    {
        _link = link;
        _terminal = terminal;
    }

    /// <summary>Asks and waits until the new connection carries packets.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="timeout">How long the data plane may try.</param>
    /// <param name="format">For people or for programs.</param>
    /// <param name="stop">Stops waiting; the data plane goes on.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">There is no such node, or no new connection came about.</exception>
    public async Task<int> RunAsync(string node, TimeSpan timeout, OutputFormat format, CancellationToken stop)
    {
        var request = new Request
        {
            Reconnect = new ReconnectRequest
            {
                Node = node,
                TimeoutMilliseconds = (uint)Math.Ceiling(timeout.TotalMilliseconds),
            },
        };
        Response response = await _link.AskAsync(request, timeout + ChannelTime, stop);
        if (response.Error is { } error)
        {
            throw _link.Refused(error);
        }

        Reconnected done = response.Reconnected ?? throw _link.TooOld();
        if (format == OutputFormat.Json)
        {
            JsonText.Write(_terminal.Output, json =>
            {
                json.WriteString("node", done.Node);
                json.WriteString("path", done.Path);
                json.WriteString("endpoint", done.Endpoint);
                json.WriteFinite("seconds", done.Seconds);
                json.WriteString("replacedEndpoint", done.ReplacedEndpoint);
            });
            return ExitCodes.Success;
        }

        string replaced = done.ReplacedEndpoint.Length == 0
            ? "there was no connection before"
            : $"in place of the one to {PlainText.Of(done.ReplacedEndpoint)}";
        await _terminal.Output.WriteLineAsync(
            $"{PlainText.Of(done.Node)}: new connection to {PlainText.OrDash(done.Endpoint)} "
            + $"(path {PlainText.OrDash(done.Path)}) carries packets after {Quantity.RoundTrip(done.Seconds)}, "
            + replaced);
        return ExitCodes.Success;
    }
}
