using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Perf.Reporting;

namespace EdgeMesh.Perf.Commands;

/// <summary>A line per interval while a measurement runs: to the errors for people, to the output for jsonl.</summary>
internal sealed class ProgressLines(Terminal terminal, OutputFormat format) : IDisposable
{
    private const double BitsPerGbit = 1e9;

    /// <summary>What is measured now.</summary>
    public void Say(string what)
    {
        if (format == OutputFormat.Table || terminal.IsInteractive)
        {
            terminal.Errors.WriteLine(what);
        }
    }

    /// <summary>Lines of bulk.</summary>
    public IntervalProgress Bulk(string test) => new((traffic, received, sent) =>
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        if (traffic.Sent.Length > 0)
        {
            values["sent Gbit/s"] = sent.BitsPerSecond[^1] / BitsPerGbit;
        }

        if (traffic.Received.Length > 0)
        {
            values["received Gbit/s"] = received.BitsPerSecond[^1] / BitsPerGbit;
        }

        if (traffic is TcpTraffic { Sent.Length: > 0 } tcp)
        {
            TcpInfo[] infos = tcp.ReadInfos();
            values["retransmits"] = infos.Sum(info => info.Retransmits);
            values["cwnd KiB"] = infos.Average(info => info.WindowSegments * info.SegmentBytes) / 1024;
            values["rtt us"] = infos.Average(info => info.RttMicros);
        }
        else if (traffic is UdpTraffic)
        {
            values["packets/s"] = (traffic.Sent.Length > 0 ? sent : received).PacketsPerSecond[^1];
        }

        Write(test, received, values);
    });

    /// <summary>Lines of requests.</summary>
    public IntervalProgress RoundTrips(string test) => new((_, received, _) => Write(
        test,
        received,
        new Dictionary<string, double>(StringComparer.Ordinal) { ["transactions/s"] = received.PacketsPerSecond[^1] }));

    /// <inheritdoc/>
    public void Dispose() => terminal.Errors.Flush();

    private void Write(string test, IntervalSampler sampler, Dictionary<string, double> values)
    {
        if (format == OutputFormat.Jsonl)
        {
            var line = new IntervalLine(test, Math.Round(sampler.Seconds, 3), values);
            terminal.Output.WriteLine(
                $$"""{"interval":{{JsonSerializer.Serialize(line, LineJson.Default.IntervalLine)}}}""");
            terminal.Output.Flush();
        }
        else if (format == OutputFormat.Table || terminal.IsInteractive)
        {
            string figures = string.Join("   ", values.Select(pair => $"{FigureText.Of(pair.Value)} {pair.Key}"));
            terminal.Errors.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{sampler.Seconds,8:0.0} s   {figures}"));
        }
    }
}
