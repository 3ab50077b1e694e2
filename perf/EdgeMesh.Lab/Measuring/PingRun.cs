using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Measuring;

/// <summary>Round trips of ICMP echoes, by <c>ping</c>: the far end is the pod's kernel, nothing else.</summary>
/// <param name="Sent">Requests.</param>
/// <param name="RoundTripMicros">One for each answer.</param>
/// <param name="Output">What ping said.</param>
public sealed partial record PingRun(int Sent, IReadOnlyList<double> RoundTripMicros, string Output)
{
    /// <summary>Whether every request was answered.</summary>
    public bool IsWhole => RoundTripMicros.Count == Sent;

    /// <summary>The middle round trip, microseconds.</summary>
    public double Median => Percentiles.Median(RoundTripMicros);

    /// <summary>The round trip that 99 of 100 do not exceed, microseconds.</summary>
    public double Percentile99 => Percentiles.At(RoundTripMicros, 0.99);

    /// <summary>Sends requests at an interval and collects the answers.</summary>
    /// <param name="from">Where ping runs.</param>
    /// <param name="to">Whom it asks.</param>
    /// <param name="count">How many requests.</param>
    /// <param name="interval">Between requests.</param>
    /// <param name="options">Further options of ping.</param>
    public static async Task<PingRun> RunAsync(
        LabNamespace from, IPAddress to, int count, TimeSpan interval, params string[] options)
    {
        string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
        CommandResult result = await from.RunAsync(
            ["ping", "-n", "-W", "1", "-c", Text(count), "-i", Text(interval.TotalSeconds), .. options, to.ToString()],
            input: null,
            timeout: (count * interval) + TimeSpan.FromSeconds(10));
        var times = new List<double>();
        foreach (Match match in Answer().Matches(result.Output))
        {
            times.Add(1000 * double.Parse(match.Groups["ms"].ValueSpan, CultureInfo.InvariantCulture));
        }

        return new PingRun(count, times, result.Output + result.ErrorOutput);
    }

    [GeneratedRegex("bytes from .* time=(?<ms>[0-9.]+) ms$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Answer();
}
