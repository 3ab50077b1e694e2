using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace EdgeMesh.Perf.Reporting;

/// <summary>Rows of cells: aligned for a terminal, or in Markdown.</summary>
internal sealed class TextTable
{
    private readonly bool[] _isRightAligned;
    private readonly List<string[]> _rows = [];

    /// <summary>Begins a table.</summary>
    /// <param name="headings">One per column; <c>&gt;</c> in front aligns the column to the right.</param>
    public TextTable(params IReadOnlyList<string> headings)
    {
        _isRightAligned = [.. headings.Select(heading => heading.StartsWith('>'))];
        Headings = [.. headings.Select(heading => heading.TrimStart('>'))];
    }

    /// <summary>The columns' names.</summary>
    public IReadOnlyList<string> Headings { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Whether a column holds numbers.</summary>
    public bool IsRightAligned(int column) => _isRightAligned[column];

    /// <summary>Adds a row.</summary>
    public void Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != Headings.Count)
        {
            throw new ArgumentException("a row has as many cells as there are columns", nameof(cells));
        }

        _rows.Add([.. cells]);
    }

    /// <summary>Writes it for a terminal, indented.</summary>
    public void WriteAligned(TextWriter output, string indent = "  ")
    {
        int[] widths =
            [.. Headings.Select(
                (heading, i) => Math.Max(heading.Length, _rows.Select(row => row[i].Length).DefaultIfEmpty().Max()))];
        bool hasHeadings = Headings.Any(heading => heading.Length > 0);
        foreach (IReadOnlyList<string> row in hasHeadings ? _rows.Prepend([.. Headings]) : _rows)
        {
            string line = indent + string.Join("  ", row.Select((cell, i) =>
                _isRightAligned[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])));
            output.WriteLine(PlainText.Of(line.TrimEnd()));
        }
    }

    /// <summary>Writes it in Markdown.</summary>
    public void WriteMarkdown(TextWriter output)
    {
        output.WriteLine($"| {string.Join(" | ", Headings.Select(Escape))} |");
        output.WriteLine($"|{string.Concat(_isRightAligned.Select(isRight => isRight ? "---:|" : "---|"))}");
        foreach (string[] row in _rows)
        {
            output.WriteLine($"| {string.Join(" | ", row.Select(Escape))} |");
        }

        output.WriteLine();
    }

    private static string Escape(string cell) =>
        PlainText.Of(cell).Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
