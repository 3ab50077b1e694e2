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
/// <param name="Sent">Requests that left, at most as many as asked for: a busy machine may not get to all.</param>
/// <param name="RoundTripMicros">One for each answer.</param>
/// <param name="Output">What ping said.</param>
public sealed partial record PingRun(int Sent, IReadOnlyList<double> RoundTripMicros, string Output)
{
    // How long the last answer may take: long for a network, short for a test that expects none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Whether there were requests and every one was answered.</summary>
    public bool IsWhole => Sent > 0 && RoundTripMicros.Count == Sent;

    /// <summary>The middle round trip, microseconds.</summary>
    public double Median => Percentiles.Median(RoundTripMicros);

    /// <summary>The round trip that 99 of 100 do not exceed, microseconds.</summary>
    public double Percentile99 => Percentiles.At(RoundTripMicros, 0.99);

    /// <summary>
    /// Sends requests at an interval and collects the answers; ends early when the network says that there is no way.
    /// </summary>
    /// <remarks>
    /// With -c alone ping leaves two round trips after its last request, and calls lost what a busy machine answers
    /// later. With a deadline it asks on until it has so many answers; only those to the first requests count here.
    /// </remarks>
    /// <param name="from">Where ping runs.</param>
    /// <param name="to">The target.</param>
    /// <param name="count">How many requests.</param>
    /// <param name="interval">Between requests.</param>
    /// <param name="options">Further options of ping.</param>
    public static async Task<PingRun> RunAsync(
        LabNamespace from, IPAddress to, int count, TimeSpan interval, params string[] options)
    {
        string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
        CommandResult result = await from.RunAsync(
            [
                "ping", "-n", "-w", Text(Math.Ceiling(((count * interval) + Patience).TotalSeconds)), "-c", Text(count),
                "-i", Text(interval.TotalSeconds), .. options, to.ToString(),
            ],
            input: null,
            timeout: (count * interval) + TimeSpan.FromSeconds(10));
        var times = new List<double>();
        foreach (Match match in Answer().Matches(result.Output))
        {
            if (int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) <= count)
            {
                times.Add(1000 * double.Parse(match.Groups["ms"].ValueSpan, CultureInfo.InvariantCulture));
            }
        }

        Match sent = Sum().Match(result.Output);
        int left = sent.Success ? int.Parse(sent.Groups["sent"].ValueSpan, CultureInfo.InvariantCulture) : count;

        // On a busy machine the time is up before all were sent; then the last one had none to be answered in.
        bool isCut = left > 0 && left < count && times.Count == left - 1
            && !result.Output.Contains($"icmp_seq={left} ", StringComparison.Ordinal);
        return new PingRun(isCut ? left - 1 : Math.Min(left, count), times, result.Output + result.ErrorOutput);
    }

    [GeneratedRegex(
        "bytes from .* icmp_seq=(?<number>[0-9]+) .*time=(?<ms>[0-9.]+) ms$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Answer();

    [GeneratedRegex(
        "^(?<sent>[0-9]+) packets transmitted", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sum();
}
