using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Thresholds;

/// <summary>
/// What must not be: <c>[VIA/][TEST:]METRIC OPERATOR NUMBER[UNIT]</c>, such as <c>p99&gt;5ms</c>,
/// <c>edgemesh/tcp:throughput&lt;2Gbit/s</c>, or <c>throughput&lt;0.25x</c> (of plain routing's).
/// </summary>
public sealed record Threshold
{
    /// <summary>Longest text of a threshold.</summary>
    public const int CharsMax = 200;

    private static readonly SearchValues<char> NumberLetters = SearchValues.Create("0123456789.");
    private static readonly string[] Operators = [">=", "<=", ">", "<"];

    /// <summary>As it was written.</summary>
    public required string Text { get; init; }

    /// <summary>The alternative it is for; empty: all but the baseline.</summary>
    public string Via { get; init; } = "";

    /// <summary>The test it is for; empty: all.</summary>
    public string Test { get; init; } = "";

    /// <summary>The metric's name.</summary>
    public required string Metric { get; init; }

    /// <summary>&gt;, &gt;=, &lt; or &lt;=.</summary>
    public required string Operator { get; init; }

    /// <summary>The number.</summary>
    public required double Value { get; init; }

    /// <summary>The number's unit; empty: the metric's own.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Reads one.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <returns>Null if something is wrong.</returns>
    public static Threshold? Parse(string text, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        problem = "write METRIC OPERATOR NUMBER UNIT, for example p99>5ms, loss>0.1%, tcp:throughput<2Gbit/s";
        if (text.Length > CharsMax)
        {
            return null;
        }

        int at = text.IndexOfAny(['<', '>']);
        string? sign = at < 0 ? null : Array.Find(Operators, known => text.AsSpan(at).StartsWith(known));
        if (sign is null)
        {
            return null;
        }

        string name = text[..at].Trim();
        string value = text[(at + sign.Length)..].Trim();
        int digits = value.AsSpan().IndexOfAnyExcept(NumberLetters);
        string number = digits < 0 ? value : value[..digits];
        string unit = digits < 0 ? "" : value[digits..].Trim();
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double parsed)
            || !double.IsFinite(parsed))
        {
            return null;
        }

        if (unit.Length > 0 && !UnitScale.TryFind(unit, out _))
        {
            problem = $"the unit '{unit}' is not one of ns us ms s bit/s kbit/s Mbit/s Gbit/s "
                + "/s pps % B KiB MiB s/Gbit x";
            return null;
        }

        int slash = name.LastIndexOf('/'); // an alternative may be a directory
        string via = slash < 0 ? "" : name[..slash].Trim();
        name = name[(slash + 1)..].Trim();
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        string test = colon < 0 ? "" : name[..colon].Trim();
        name = name[(colon + 1)..].Trim();
        return name.Length == 0 ? null : new Threshold
        {
            Text = text,
            Via = via,
            Test = test,
            Metric = name,
            Operator = sign,
            Value = parsed,
            Unit = unit,
        };
    }

    /// <summary>Holds it against a report.</summary>
    /// <returns>A sentence per result that fails.</returns>
    /// <exception cref="PerfException">No result has the metric, or none in that unit: nothing was checked.</exception>
    public IReadOnlyList<string> Check(PerfReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var failures = new List<string>();
        int checks = 0;
        foreach (PerfResult result in report.Results.Where(AppliesTo))
        {
            if (Find(result) is not { } metric)
            {
                continue;
            }

            double measured = Measured(report, result, metric, out string unit);
            checks++;
            if (IsBeyond(measured))
            {
                failures.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.Key} via {result.Via}: {metric.Name} is {measured:0.###} {unit}, beyond {Text}"));
            }
        }

        return checks > 0 ? failures : throw new PerfException(
            $"--fail-if '{Text}': no result has it; the metrics are "
            + string.Join(
                ", ", report.Results.SelectMany(result => result.Metrics).Select(metric => metric.Name).Distinct()));
    }

    private bool AppliesTo(PerfResult result) =>
        (Via.Length == 0 ? result.Via != PerfResult.Baseline : result.Via == Via)
        && (Test.Length == 0 || result.Test == Test);

    // Of a test with an idle and a loaded phase, the plain name is the loaded one.
    private Metric? Find(PerfResult result) => result.Find(Metric) ?? result.Find($"loaded-{Metric}");

    private double Measured(PerfReport report, PerfResult result, Metric metric, out string unit)
    {
        if (Unit.Length == 0)
        {
            unit = metric.Unit;
            return metric.Median;
        }

        UnitScale.TryFind(Unit, out UnitScale wanted);
        unit = Unit;
        if (wanted.Dimension == UnitScale.Ratio)
        {
            return BaselineRatio.Of(report, result, metric)?.Median ?? throw new PerfException(
                $"--fail-if '{Text}': {result.Key} has no baseline to compare with; "
                + "measure with lab, and put baseline into --via");
        }

        return UnitScale.TryFind(metric.Unit, out UnitScale own) && own.Dimension == wanted.Dimension
            ? metric.Median * own.Factor / wanted.Factor
            : throw new PerfException($"--fail-if '{Text}': {metric.Name} is measured in {metric.Unit}, not in {Unit}");
    }

    private bool IsBeyond(double measured) => Operator switch
    {
        ">" => measured > Value,
        ">=" => measured >= Value,
        "<" => measured < Value,
        _ => measured <= Value,
    };
}
