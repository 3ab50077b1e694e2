using System;
using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace EdgeMesh.Metrics;

/// <summary>Writes the Prometheus text format, version 0.0.4.</summary>
/// <remarks>
/// <code>
/// # HELP edgemesh_packets_total Packets by direction.
/// # TYPE edgemesh_packets_total counter
/// edgemesh_packets_total{direction="out"} 17
/// </code>
/// Allocates nothing but what the output allocates. Not thread-safe.
/// </remarks>
public sealed class MetricsWriter
{
    private const int NumberBytesMax = 32; // the longest double is 24 characters, the longest long 20

    private static readonly SearchValues<char> EscapedInLabels = SearchValues.Create("\\\"\n");
    private static readonly SearchValues<char> EscapedInHelp = SearchValues.Create("\\\n");

    private readonly IBufferWriter<byte> _output;
    private string _family = "";

    /// <summary>Makes a writer.</summary>
    /// <param name="output">Where the bytes go.</param>
    public MetricsWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>Begins a family; its samples follow. A family is begun once per scrape.</summary>
    /// <param name="name">Name, with the unit last and <c>_total</c> after a counter's.</param>
    /// <param name="type">Counter or gauge.</param>
    /// <param name="help">One sentence.</param>
    public void Family(string name, MetricType type, string help)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(help);
        Debug.Assert(IsName(name), "not a metric name");
        Debug.Assert(
            type == MetricType.Counter == name.EndsWith("_total", StringComparison.Ordinal),
            "counters, and only they, end in _total");
        _family = name;
        Write("# HELP "u8);
        Write(name);
        Write(" "u8);
        WriteEscaped(help, EscapedInHelp);
        Write("\n# TYPE "u8);
        Write(name);
        Write(type == MetricType.Counter ? " counter\n"u8 : " gauge\n"u8);
    }

    /// <summary>Writes a sample of the family begun last.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="labels">Names and values of its labels; a value may hold any text.</param>
    public void Sample(long value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        WriteSeries(labels);
        bool isWritten = Utf8Formatter.TryFormat(value, _output.GetSpan(NumberBytesMax), out int length);
        Debug.Assert(isWritten);
        _output.Advance(length);
        Write("\n"u8);
    }

    /// <summary>Writes a sample of the family begun last.</summary>
    /// <param name="value">Its value; not-a-number and infinities are written as Prometheus spells them.</param>
    /// <param name="labels">Names and values of its labels; a value may hold any text.</param>
    public void Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        WriteSeries(labels);
        if (double.IsFinite(value))
        {
            bool isWritten = value.TryFormat(_output.GetSpan(NumberBytesMax), out int length);
            Debug.Assert(isWritten);
            _output.Advance(length);
        }
        else
        {
            Write(double.IsNaN(value) ? "NaN"u8 : double.IsPositive(value) ? "+Inf"u8 : "-Inf"u8);
        }

        Write("\n"u8);
    }

    /// <summary>Writes a family that has one sample without labels.</summary>
    /// <param name="name">See <see cref="Family"/>.</param>
    /// <param name="type">Counter or gauge.</param>
    /// <param name="help">One sentence.</param>
    /// <param name="value">The sample's value.</param>
    public void Single(string name, MetricType type, string help, long value)
    {
        Family(name, type, help);
        Sample(value);
    }

    /// <inheritdoc cref="Single(string, MetricType, string, long)"/>
    public void Single(string name, MetricType type, string help, double value)
    {
        Family(name, type, help);
        Sample(value);
    }

    private static bool IsName(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return !char.IsAsciiDigit(name[0]);
    }

    private void WriteSeries(ReadOnlySpan<(string Name, string Value)> labels)
    {
        Debug.Assert(_family.Length > 0, "a sample without its family");
        Write(_family);
        if (labels.IsEmpty)
        {
            Write(" "u8);
            return;
        }

        ReadOnlySpan<byte> before = "{"u8;
        foreach ((string name, string value) in labels)
        {
            Debug.Assert(IsName(name), "not a label name");
            Write(before);
            Write(name);
            Write("=\""u8);
            WriteEscaped(value, EscapedInLabels);
            Write("\""u8);
            before = ","u8;
        }

        Write("} "u8);
    }

    private void WriteEscaped(ReadOnlySpan<char> text, SearchValues<char> escaped)
    {
        for (int next = text.IndexOfAny(escaped); next >= 0; next = text.IndexOfAny(escaped))
        {
            Write(text[..next]);
            Write(text[next] switch
            {
                '\n' => @"\n"u8,
                '"' => "\\\""u8,
                _ => @"\\"u8,
            });
            text = text[(next + 1)..];
        }

        Write(text);
    }

    private void Write(ReadOnlySpan<byte> bytes) => _output.Write(bytes);

    // Lone surrogates become U+FFFD: the output is UTF-8 whatever a label holds.
    private void Write(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _output);
}
