using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cli;

/// <summary><c>edgemesh ping</c>: probes through the tunnel, one line each, and a summary.</summary>
internal sealed class PingRun
{
    // The data plane keeps the probe's own time; this is for the control channel around it.
    private static readonly TimeSpan ChannelTime = TimeSpan.FromSeconds(3);

    private readonly DataplaneLink _link;
    private readonly PingOptions _options;
    private readonly Terminal _terminal;
    private readonly PingStatistics _statistics = new();
    private string _node = "";

    /// <summary>Makes a run.</summary>
    public PingRun(DataplaneLink link, PingOptions options, Terminal terminal)
    {
        _link = link;
        _options = options;
        _terminal = terminal;
    }

    private bool IsForPeople => _options.Format == OutputFormat.Table;

    /// <summary>Sends probes until their count is reached or <paramref name="stop"/>.</summary>
    /// <returns>Success if at least one was answered.</returns>
    /// <exception cref="CommandException">The target is unknown, or the data plane left.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        try
        {
            for (int sequence = 1; _options.Count == 0 || sequence <= _options.Count; sequence++)
            {
                long start = Stopwatch.GetTimestamp();
                await ProbeAsync(sequence, stop);
                TimeSpan rest = _options.Interval - Stopwatch.GetElapsedTime(start);
                if (rest > TimeSpan.Zero && sequence != _options.Count)
                {
                    await Task.Delay(rest, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Interrupted, as ping(8) is: the summary follows.
        }
        finally
        {
            if (_statistics.Sent > 0)
            {
                WriteSummary();
            }

            await _terminal.Output.FlushAsync(CancellationToken.None);
        }

        return _statistics.Answered > 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private async Task ProbeAsync(int sequence, CancellationToken stop)
    {
        var request = new Request
        {
            Ping = new PingRequest
            {
                Target = _options.Target,
                TimeoutMilliseconds = (uint)Math.Ceiling(_options.Timeout.TotalMilliseconds),
            },
        };
        Response response = await _link.AskAsync(request, _options.Timeout + ChannelTime, stop);
        if (response.Error is { } error)
        {
            if (error.Code != ErrorCode.Unreachable)
            {
                throw _link.Refused(error);
            }

            _statistics.AddLoss();
            await WriteLineAsync($"no answer: seq={sequence}: {PlainText.Of(error.Message)}");
            return;
        }

        PingReply reply = response.Ping ?? throw _link.TooOld();
        _statistics.AddAnswer(reply.RttSeconds);
        _node = PlainText.Of(reply.Node);
        string farQueue = reply.FarQueueSeconds > 0 ? $" far_queue={Quantity.RoundTrip(reply.FarQueueSeconds)}" : "";
        await WriteLineAsync(
            $"answer from {_node}: seq={sequence} path={PlainText.OrDash(reply.Path)} "
            + $"endpoint={PlainText.OrDash(reply.Endpoint)} time={Quantity.RoundTrip(reply.RttSeconds)}{farQueue}");
    }

    private async Task WriteLineAsync(string line)
    {
        if (!IsForPeople)
        {
            return;
        }

        if (_statistics.Sent == 1)
        {
            await _terminal.Output.WriteLineAsync($"PING {_options.Target} through the mesh");
        }

        await _terminal.Output.WriteLineAsync(line);
        await _terminal.Output.FlushAsync(CancellationToken.None);
    }

    private void WriteSummary()
    {
        if (!IsForPeople)
        {
            JsonText.Write(_terminal.Output, json =>
            {
                json.WriteString("target", _options.Target);
                json.WriteString("node", _node);
                json.WriteNumber("sent", _statistics.Sent);
                json.WriteNumber("answered", _statistics.Answered);
                json.WriteNumber("lossRatio", _statistics.LossRatio);
                json.WriteFinite("rttMinSeconds", _statistics.SecondsMin);
                json.WriteFinite("rttMeanSeconds", _statistics.SecondsMean);
                json.WriteFinite("rttMaxSeconds", _statistics.SecondsMax);
            });
            return;
        }

        _terminal.Output.WriteLine();
        _terminal.Output.WriteLine(
            $"--- {_options.Target}{(_node.Length == 0 ? "" : $" ({_node})")} ping statistics ---");
        _terminal.Output.WriteLine(
            $"{_statistics.Sent} probes sent, {_statistics.Answered} answered, "
            + $"{_statistics.LossRatio * 100:0.##}% lost");
        if (_statistics.Answered > 0)
        {
            _terminal.Output.WriteLine(
                $"rtt min/avg/max = {_statistics.SecondsMin * 1000:0.000}/{_statistics.SecondsMean * 1000:0.000}/"
                + $"{_statistics.SecondsMax * 1000:0.000} ms");
        }
    }
}
