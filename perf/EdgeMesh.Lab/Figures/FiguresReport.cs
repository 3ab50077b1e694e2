using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using EdgeMesh.Lab.Mesh;

namespace EdgeMesh.Lab.Figures;

/// <summary>Writes figures as a Markdown table, in place of the one between the marks of a page.</summary>
internal static class FiguresReport
{
    private const string Begin = "<!-- figures: begin (written by `make figures`) -->";
    private const string End = "<!-- figures: end -->";

    /// <summary>Machine and back ends, one line.</summary>
    public static string Conditions(CliView status)
    {
        string processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? "unknown processor";
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return $"{processor}, {Environment.ProcessorCount} cores, Linux {kernel}, .NET {Environment.Version}; " +
            $"{status.Text("io_backend")}, offloads {string.Join(' ', status.Texts("offloads"))}, " +
            $"{status.Text("workers")} worker, MTU {status.Text("mtu")}";
    }

    public static string ToMarkdown(IReadOnlyList<Figure> figures, string conditions, int rounds)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{conditions}.\nMedian of {rounds}, lowest and highest in brackets.\n\n");
        text.Append("| figure | unit | plain routing | tunnel | tunnel / plain | bar |\n|---|---|---|---|---|---|\n");
        foreach (Figure figure in figures)
        {
            string ratio = figure.Plain.Count == 0 ? "" : figure.Ratio.ToString("0.00", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture,
                $"| {figure.Name} | {figure.Unit} | {Cell(figure.Plain, figure.PlainMedian)} "
                + $"| {Cell(figure.Tunnel, figure.TunnelMedian)} | {ratio} | {figure.Bar} |\n");
        }

        return text.ToString();
    }

    /// <summary>Puts a table into a page.</summary>
    /// <exception cref="LabException">The page has no marks.</exception>
    public static void Insert(string path, string table)
    {
        string page = File.ReadAllText(path);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new LabException($"{path} lacks the lines `{Begin}` and `{End}`");
        }

        File.WriteAllText(path, page[..(begin + Begin.Length)] + "\n" + table + page[end..]);
    }

    private static string Cell(List<double> samples, double median) => samples.Count switch
    {
        0 => "",
        1 => Number(median),
        _ => $"{Number(median)} ({Number(samples.Min())}..{Number(samples.Max())})",
    };

    // Three digits that mean something.
    private static string Number(double value) => value.ToString(
        value switch
        {
            >= 100 => "0",
            >= 10 => "0.0",
            >= 1 => "0.00",
            _ => "0.000",
        },
        CultureInfo.InvariantCulture);
}
