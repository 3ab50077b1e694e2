using System;
using System.Globalization;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>Numbers for people: three to four digits that mean something.</summary>
internal static class FigureText
{
    /// <summary>A number.</summary>
    public static string Of(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        >= 0.001 => value.ToString("0.0000", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###e+0", CultureInfo.InvariantCulture),
    };

    /// <summary>A count.</summary>
    public static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A number of a metric; what has no unit and no fraction is a count.</summary>
    public static string Of(Metric metric, double value) =>
        metric.Unit.Length == 0 && Math.Abs(value - Math.Round(value)) < 1e-9 ? Count(value) : Of(value);

    /// <summary>A number in a form that a program reads back.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A metric's least and greatest sample; nothing if there is one.</summary>
    public static string Range(Metric metric) =>
        metric.Samples.Count < 2 ? "" : $"{Of(metric, metric.Min)} .. {Of(metric, metric.Max)}";

    /// <summary>A ratio with its spread, or nothing.</summary>
    public static string Of(BaselineRatio? ratio) => ratio is null
        ? ""
        : string.Create(
            CultureInfo.InvariantCulture, $"{ratio.Median:0.00} x ({ratio.Min:0.00} .. {ratio.Max:0.00})");
}
