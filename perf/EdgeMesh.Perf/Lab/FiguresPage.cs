using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>The tables of docs/performance.md, put between the marks of that page.</summary>
internal sealed class FiguresPage(SampleTable samples)
{
    private const string Begin = "<!-- figures: begin (written by `make figures`) -->";
    private const string End = "<!-- figures: end -->";
    private const string Product = "edgemesh";
    private const string Plain = "baseline";

    private readonly StringBuilder _text = new();

    /// <summary>All tables, Markdown.</summary>
    /// <param name="samples">All samples.</param>
    /// <param name="meta">The machine and the circumstances.</param>
    /// <param name="rounds">Samples of each figure.</param>
    public static string Write(SampleTable samples, ReportMeta meta, int rounds)
    {
        var page = new FiguresPage(samples);
        page.WriteConditions(meta, rounds);
        page.WriteHeld();
        page.WriteOwn();
        page.WriteStressed();
        page.WriteVariants();
        page.WriteCurve("UDP by size of the payload, flat out", "size, B", "size-", LabTests.Delivered);
        page.WriteCurve("UDP, so many datagrams of 1400 B in one send", "datagrams", "segments-", LabTests.Delivered);
        page.WriteCurve("TCP by number of flows", "flows", "flows-", "throughput");
        page.WriteNotes(meta);
        return page._text.ToString();
    }

    /// <summary>Puts tables into a page.</summary>
    /// <param name="path">The page.</param>
    /// <param name="tables">Markdown.</param>
    /// <param name="beginMark">The line before them.</param>
    /// <param name="endMark">The line behind them.</param>
    /// <exception cref="PerfException">The page has no marks, or can't be written.</exception>
    public static void Insert(string path, string tables, string beginMark = Begin, string endMark = End)
    {
        try
        {
            string page = File.ReadAllText(path);
            int begin = page.IndexOf(beginMark, StringComparison.Ordinal);
            int end = page.IndexOf(endMark, StringComparison.Ordinal);
            if (begin < 0 || end < begin)
            {
                throw new PerfException(
                    $"{path} lacks the lines `{beginMark}` and `{endMark}`; put them where the tables go");
            }

            File.WriteAllText(path, page[..(begin + beginMark.Length)] + "\n" + tables + page[end..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PerfException($"{path}: {e.Message}; name a file that can be written", e);
        }
    }

    private void WriteConditions(ReportMeta meta, int rounds)
    {
        Line($"{meta.CpuModel}, {meta.Cores} cores, {meta.MemoryMiB / 1024} GiB, Linux {meta.Kernel}, "
            + $"inner TCP {meta.CongestionControl}; {meta.StartTime.UtcDateTime:yyyy-MM-dd}, "
            + $"commit of edgemesh-perf {meta.PerfVersion}.");
        if (meta.Noise is { } noise)
        {
            Line($"Before the run others used {noise.BusyPercent:0.0} % of the cores, the hypervisor took "
                + $"{noise.StolenPercent:0.0} %; a fixed piece of work varied by {noise.SpreadPercent:0.0} %.");
        }

        foreach ((string via, string backEnd) in meta.BackEnds)
        {
            Line($"{via}: {backEnd}.");
        }

        if (meta.Versions.Count > 0)
        {
            Line($"Versions: {string.Join(", ", meta.Versions.Select(pair => $"{pair.Key} {pair.Value}"))}.");
        }

        Line("");
        Line($"Median of {rounds} interleaved samples (plain TCP: of {2 * rounds}), lowest and highest in brackets. "
            + "Ratios are of medians; in brackets those of single rounds. **Bold** bars are missed.");
        Line("");
    }

    private void WriteHeld()
    {
        string[] others = [.. samples.Vias.Where(via => via is "baseline" or "nebula" or "wireguard-go")];
        Heading(["figure", "unit", Product, .. others, .. others.Select(via => "/ " + Label(via)), "at least", "aim"]);
        foreach (FigureRow row in Figures.Held)
        {
            if (Of(row, Product) is not { } product)
            {
                continue;
            }

            Row(
            [
                row.Name, product.Unit, Cell(product), .. others.Select(via => Cell(Of(row, via))),
                .. others.Select(via => Ratio(product, Of(row, via))),
                Bars(row, product, row.Least), Bars(row, product, row.Aim),
            ]);
        }

        Line("");
    }

    private void WriteOwn()
    {
        Heading(["figure", "unit", Product, "at most", "aim"]);
        foreach (FigureRow row in Figures.OwnHeld)
        {
            if (Of(row, Product) is { } product)
            {
                Row(
                [
                    row.Name, product.Unit, Cell(product),
                    Bars(row, product, row.Least), Bars(row, product, row.Aim),
                ]);
            }
        }

        Line("");
    }

    // What pods and slow peers may do to others: beside plain routing, and other builds of the product.
    private void WriteStressed()
    {
        string[] others =
        [
            .. samples.Vias.Where(via => via == Plain || via.Contains('/', StringComparison.Ordinal)),
        ];
        FigureRow[] rows = [.. Figures.Stressed.Where(row => Of(row, Product) is not null)];
        if (rows.Length == 0)
        {
            return;
        }

        Line("Bursts, overload, slow peers, replaced connections:");
        Line("");
        Heading(["figure", "unit", Product, .. others, "bar"]);
        foreach (FigureRow row in rows)
        {
            Metric product = Of(row, Product)!;
            Row(
            [
                row.Name, product.Unit, Cell(product), .. others.Select(via => Cell(Of(row, via))),
                Bars(row, product, row.Least),
            ]);
        }

        Line("");
    }

    private void WriteVariants()
    {
        string[] variants = [.. samples.Vias.Where(via => via == "vxlan" || via.Contains(':', StringComparison.Ordinal)
            || via.Contains('/', StringComparison.Ordinal))];
        if (variants.Length == 0)
        {
            return;
        }

        Line($"Variants and the kernel's tunnel, each with its ratio to {Product}:");
        Line("");
        Heading(["figure", "unit", Product, .. variants]);
        foreach (FigureRow row in Figures.OfVariants)
        {
            if (Of(row, Product) is { } product)
            {
                Row(
                [
                    row.Name, product.Unit, Number(product.Median),
                    .. variants.Select(via => Of(row, via) is { } variant
                        ? $"{Number(variant.Median)} ({Quotient(variant.Median, product.Median)} x)"
                        : ""),
                ]);
            }
        }

        Line("");
    }

    private void WriteCurve(string title, string unit, string prefix, string metric)
    {
        string[] tests = [.. samples.Tests.Where(test => test.StartsWith(prefix, StringComparison.Ordinal))];
        if (tests.Length == 0)
        {
            return;
        }

        Line($"{title}, {samples.Find(tests[0], Product, metric)?.Unit}:");
        Line("");
        Heading([unit, .. tests.Select(test => test[prefix.Length..])]);
        Metric?[] plain = [.. tests.Select(test => samples.Find(test, "baseline", metric))];
        Metric?[] product = [.. tests.Select(test => samples.Find(test, Product, metric))];
        Row(["plain", .. plain.Select(point => point is null ? "" : Number(point.Median))]);
        Row([Product, .. product.Select(point => point is null ? "" : Number(point.Median))]);
        Row(["ratio", .. plain.Zip(product).Select(pair => pair is ({ } below, { } above)
            ? Quotient(above.Median, below.Median)
            : "")]);
        Line("");
    }

    private void WriteNotes(ReportMeta meta)
    {
        foreach (string note in meta.Notes)
        {
            Line("- " + note.ReplaceLineEndings(" "));
        }
    }

    private Metric? Of(FigureRow row, string via) => samples.Find(row.Test, via, row.Metric);

    private string Bars(FigureRow row, Metric product, IReadOnlyList<FigureBar> bars)
    {
        var texts = new List<string>();
        foreach (FigureBar bar in bars)
        {
            double? value = bar.Via.Length == 0
                ? bar.Factor
                : (Of(row, bar.Via)?.Median * bar.Factor) + bar.More;
            bool isMissed = value is { } limit
                && (product.HigherIsBetter ? product.Median < limit : product.Median > limit);
            texts.Add(isMissed ? $"**{bar}**" : $"{bar}");
        }

        return string.Join(", ", texts);
    }

    private static string Ratio(Metric product, Metric? other)
    {
        if (other is null || other.Median == 0)
        {
            return "";
        }

        IReadOnlyList<double> ratios = Ratios(product.Samples, other.Samples);
        string ratio = Quotient(product.Median, other.Median);
        return ratios.Count < 2
            ? ratio
            : $"{ratio} ({Quotient(ratios.Min(), 1)}..{Quotient(ratios.Max(), 1)})";
    }

    // Round by round; the other may have been sampled several times a round, as its mean stands for.
    private static IReadOnlyList<double> Ratios(IReadOnlyList<double> product, IReadOnlyList<double> other)
    {
        if (product.Count == 0 || other.Count % product.Count != 0)
        {
            return [];
        }

        double[][] rounds = [.. other.Chunk(other.Count / product.Count)];
        return [.. product.Zip(rounds).Where(pair => pair.Second.Average() > 0)
            .Select(pair => pair.First / pair.Second.Average())];
    }

    private static string Cell(Metric? metric) => metric switch
    {
        null or { Samples.Count: 0 } => "",
        { Samples.Count: 1 } => Number(metric.Median),
        _ => $"{Number(metric.Median)} ({Number(metric.Min)}..{Number(metric.Max)})",
    };

    private static string Label(string via) => via == "baseline" ? "plain" : via;

    private static string Quotient(double value, double by) =>
        by == 0 ? "" : (value / by).ToString("0.00", CultureInfo.InvariantCulture);

    // Three digits that mean something.
    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch
        {
            >= 100 => "0",
            >= 10 => "0.0",
            >= 1 => "0.00",
            _ => "0.000",
        },
        CultureInfo.InvariantCulture);

    private void Heading(IReadOnlyList<string> cells)
    {
        Row([.. cells.Select(Label)]);
        Line("|" + string.Concat(Enumerable.Repeat("---|", cells.Count)));
    }

    private void Row(IReadOnlyList<string> cells) => Line("| " + string.Join(" | ", cells) + " |");

    private void Line(string line) => _text.Append(line).Append('\n');
}
