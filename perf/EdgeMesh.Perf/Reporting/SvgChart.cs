using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;

namespace EdgeMesh.Perf.Reporting;

/// <summary>A chart as inline SVG: no scripts, nothing from the network, text escaped.</summary>
internal sealed class SvgChart
{
    private const int WidthPixels = 760;
    private const int HeightPixels = 300;
    private const int LeftPixels = 80;
    private const int RightPixels = 20;
    private const int TopPixels = 36;
    private const int BottomPixels = 48;
    private const int Ticks = 5;
    private const int LegendPixels = 18;

    private static readonly string[] Colours =
        ["#1f6feb", "#d9480f", "#2b8a3e", "#862e9c", "#5c4813", "#0b7285", "#c2255c", "#495057"];

    private readonly string _title;
    private readonly string _horizontal;
    private readonly string _vertical;
    private readonly bool _isLogarithmic;
    private readonly List<(string Name, IReadOnlyList<(double X, double Y)> Points)> _lines = [];

    /// <summary>An empty chart.</summary>
    /// <param name="title">Above it.</param>
    /// <param name="horizontal">Name and unit of the horizontal axis.</param>
    /// <param name="vertical">Name and unit of the vertical axis.</param>
    /// <param name="isLogarithmic">Whether the horizontal axis is.</param>
    public SvgChart(string title, string horizontal, string vertical, bool isLogarithmic = false) =>
        (_title, _horizontal, _vertical, _isLogarithmic) = (title, horizontal, vertical, isLogarithmic);

    /// <summary>Whether anything is in it.</summary>
    public bool IsEmpty => !_lines.Exists(line => line.Points.Count > 1); // a point is no line

    /// <summary>Adds a line.</summary>
    public void Add(string name, IReadOnlyList<(double X, double Y)> points)
    {
        List<(double X, double Y)> finite =
            [.. points.Where(
                point => double.IsFinite(point.X) && double.IsFinite(point.Y) && (!_isLogarithmic || point.X > 0))];
        if (finite.Count > 0)
        {
            _lines.Add((name, finite));
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(TextWriter output)
    {
        double left = _lines.Min(line => line.Points.Min(point => Scale(point.X)));
        double right = Math.Max(_lines.Max(line => line.Points.Max(point => Scale(point.X))), left + 1e-9);
        double top = RoundTop(_lines.Max(line => line.Points.Max(point => point.Y)));
        int height = HeightPixels + (LegendPixels * _lines.Count);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<svg viewBox="0 0 {WidthPixels} {height}" role="img" aria-label="{Escape(_title)}">"""));
        WriteText(output, WidthPixels / 2, 20, "middle", "title", _title);
        WriteText(output, WidthPixels / 2, HeightPixels - 6, "middle", "axis", _horizontal);
        WriteText(output, 8, TopPixels - 8, "start", "axis", _vertical);
        const int Edge = WidthPixels - RightPixels;
        for (int tick = 0; tick <= Ticks; tick++)
        {
            double share = tick / (double)Ticks;
            double y = Y(share * top, top);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"""<line class="grid" x1="{LeftPixels}" y1="{y:0.#}" x2="{Edge}" y2="{y:0.#}"/>"""));
            WriteText(output, LeftPixels - 6, y + 4, "end", "tick", FigureText.Of(share * top));
            double at = left + (share * (right - left));
            string label = FigureText.Of(_isLogarithmic ? Math.Pow(10, at) : at);
            WriteText(output, X(at, left, right), HeightPixels - BottomPixels + 16, "middle", "tick", label);
        }

        for (int i = 0; i < _lines.Count; i++)
        {
            string points = string.Join(' ', _lines[i].Points.Select(point => string.Create(
                CultureInfo.InvariantCulture, $"{X(Scale(point.X), left, right):0.#},{Y(point.Y, top):0.#}")));
            string colour = Colours[i % Colours.Length];
            string name = Escape(_lines[i].Name);
            output.WriteLine(
                $"""<polyline points="{points}" stroke="{colour}"><title>{name}</title></polyline>""");
            foreach ((double x, double y) in _lines[i].Points.Count <= 24 ? _lines[i].Points : [])
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"""<circle cx="{X(Scale(x), left, right):0.#}" cy="{Y(y, top):0.#}" r="3" fill="{colour}"/>"""));
            }

            WriteLegend(output, i, HeightPixels + (LegendPixels * i), colour);
        }

        output.WriteLine("</svg>");
    }

    /// <summary>
    /// The least top not below a value whose ticks are round: one digit, or 2.5, times ten to a power.
    /// </summary>
    internal static double RoundTop(double value)
    {
        double step = Math.Max(value, 1e-9) / Ticks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        double[] factors = [1, 2, 2.5, 3, 4, 5, 6, 8, 10];
        return Array.Find(factors, factor => factor * power >= step * (1 - 1e-9)) * power * Ticks;
    }

    private static double X(double value, double left, double right) =>
        LeftPixels + ((value - left) / (right - left) * (WidthPixels - LeftPixels - RightPixels));

    private static double Y(double value, double top) =>
        HeightPixels - BottomPixels - (value / top * (HeightPixels - TopPixels - BottomPixels));

    private static void WriteText(TextWriter output, double x, double y, string anchor, string kind, string text) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<text class="{kind}" x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}">{Escape(text)}</text>"""));

    private static string Escape(string text) => WebUtility.HtmlEncode(PlainText.Of(text));

    private double Scale(double x) => _isLogarithmic ? Math.Log10(x) : x;

    private void WriteLegend(TextWriter output, int line, double y, string colour)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<rect x="{LeftPixels}" y="{y:0.#}" width="12" height="12" fill="{colour}"/>"""));
        WriteText(output, LeftPixels + 18, y + 11, "start", "tick", _lines[line].Name);
    }
}
