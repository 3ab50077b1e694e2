using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace EdgeMesh.Cli;

/// <summary>Rows in aligned columns; the last column takes what is left of the line and wraps between words.</summary>
internal sealed class Table
{
    private const string Gap = "  ";
    private const int LastColumnMin = 20; // narrower than this a wrapped column is worse than a folded line

    private readonly List<string[]> _rows = [];
    private readonly bool[] _isRightAligned;

    /// <summary>Begins a table.</summary>
    /// <param name="headings">One per column; <c>&gt;</c> in front aligns the column to the right.</param>
    public Table(params ReadOnlySpan<string> headings)
    {
        _isRightAligned = new bool[headings.Length];
        string[] first = new string[headings.Length];
        for (int i = 0; i < headings.Length; i++)
        {
            _isRightAligned[i] = headings[i].StartsWith('>');
            first[i] = headings[i].TrimStart('>');
        }

        if (first.Any(heading => heading.Length > 0))
        {
            _rows.Add(first);
        }
    }

    /// <summary>Adds a row of as many cells as there are columns.</summary>
    public void Add(params ReadOnlySpan<string> cells)
    {
        if (cells.Length != _isRightAligned.Length)
        {
            throw new ArgumentException("a row has as many cells as there are columns", nameof(cells));
        }

        _rows.Add(cells.ToArray());
    }

    /// <summary>Writes all rows.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="columns">Characters of a line.</param>
    public void Write(TextWriter output, int columns)
    {
        int last = _isRightAligned.Length - 1;
        int[] widths = [.. Enumerable.Range(0, last + 1).Select(i => _rows.Max(row => row[i].Length))];
        int indent = widths.Take(last).Sum(width => width + Gap.Length);
        int room = Math.Max(columns - indent, LastColumnMin);
        foreach (string[] row in _rows)
        {
            string line = "";
            for (int i = 0; i <= last; i++)
            {
                line += _isRightAligned[i] ? row[i].PadLeft(widths[i]) : row[i].PadRight(i == last ? 0 : widths[i]);
                line += i == last ? "" : Gap;
            }

            WriteWrapped(output, line.TrimEnd(), indent, room);
        }
    }

    private static void WriteWrapped(TextWriter output, string line, int indent, int room)
    {
        output.Write(line.AsSpan(0, Math.Min(indent, line.Length)));
        ReadOnlySpan<char> rest = line.AsSpan(Math.Min(indent, line.Length));
        while (rest.Length > room)
        {
            int blank = rest[..(room + 1)].LastIndexOf(' ');
            if (blank <= 0)
            {
                break; // one long word: cutting it would spoil it for copying
            }

            output.WriteLine(rest[..blank].TrimEnd());
            output.Write(new string(' ', indent));
            rest = rest[(blank + 1)..];
        }

        output.WriteLine(rest);
    }
}
