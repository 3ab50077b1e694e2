using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>Bars of one metric: a group per set of parameters, a bar per alternative, whiskers from the least to the
/// greatest sample.</summary>
internal sealed class SvgBars(string title, string unit)
{
    private const int WidthPixels = 760;
    private const int LeftPixels = 230;
    private const int RightPixels = 120;
    private const int BarPixels = 18;
    private const int GroupPixels = 26;
    private const int TopPixels = 40;
    private const int NameCharsMax = 32; // of 12 pixels, left of the bars
    private const int GroupCharsMax = 105; // over the whole width

    private static readonly string[] Colours =
        ["#1f6feb", "#d9480f", "#2b8a3e", "#862e9c", "#5c4813", "#0b7285", "#c2255c", "#495057"];

    private readonly List<(string Group, string Name, Metric Metric)> _bars = [];

    /// <summary>Whether there is nothing to compare.</summary>
    public bool IsEmpty => _bars.Count < 2;

    /// <summary>Adds a bar.</summary>
    public void Add(string group, string name, Metric metric) => _bars.Add((group, name, metric));

    /// <summary>Writes it.</summary>
    public void Write(TextWriter output)
    {
        string[] names = [.. _bars.Select(bar => bar.Name).Distinct()];
        double top = Math.Max(_bars.Max(bar => bar.Metric.Max), 1e-9);
        var groups = _bars.GroupBy(bar => bar.Group).ToList();
        int height = TopPixels + (groups.Count * GroupPixels) + (_bars.Count * BarPixels) + 10;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<svg viewBox="0 0 {WidthPixels} {height}" role="img" aria-label="{Escape(title)}">"""));
        WriteText(output, WidthPixels / 2, 20, "middle", "title", $"{title}, {unit}");
        double y = TopPixels;
        foreach (var group in groups)
        {
            WriteText(output, 8, y + 16, "start", "axis", Fit(group.Key, GroupCharsMax));
            y += GroupPixels;
            foreach ((_, string name, Metric metric) in group)
            {
                WriteBar(output, y, name, metric, top, Colours[Array.IndexOf(names, name) % Colours.Length]);
                y += BarPixels;
            }
        }

        output.WriteLine("</svg>");
    }

    private static void WriteBar(TextWriter output, double y, string name, Metric metric, double top, string colour)
    {
        double Width(double value) => Math.Max(0, value) / top * (WidthPixels - LeftPixels - RightPixels);
        double length = Width(metric.Median);
        double least = LeftPixels + Width(metric.Min);
        double most = LeftPixels + Width(metric.Max);
        double middle = y + (BarPixels / 2.0) - 2;
        WriteText(output, LeftPixels - 6, y + 12, "end", "tick", Fit(name, NameCharsMax));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<rect x="{LeftPixels}" y="{y:0.#}" width="{length:0.#}" height="{BarPixels - 4}" fill="{colour}"/>"""));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<line class="whisker" x1="{least:0.#}" y1="{middle:0.#}" x2="{most:0.#}" y2="{middle:0.#}"/>"""));
        WriteText(output, most + 6, y + 12, "start", "tick", FigureText.Of(metric, metric.Median));
    }

    // The end of a name tells more: of a directory, of an alternative's options.
    private static string Fit(string text, int chars) =>
        text.Length <= chars ? text : $"\u2026{text[^(chars - 1)..]}";

    private static void WriteText(TextWriter output, double x, double y, string anchor, string kind, string text) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<text class="{kind}" x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}">{Escape(text)}</text>"""));

    private static string Escape(string text) => WebUtility.HtmlEncode(PlainText.Of(text));
}
