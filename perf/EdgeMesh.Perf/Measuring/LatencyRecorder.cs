using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using EdgeMesh.Perf.Results;
using EdgeMesh.Traffic;
using HdrHistogram;
using HdrHistogram.Utilities;

namespace EdgeMesh.Perf.Measuring;

/// <summary>A distribution of delays: nanoseconds to a minute, three digits. One thread records; recording allocates
/// nothing.</summary>
internal sealed class LatencyRecorder
{
    private const long NanosMax = 60 * MonotonicTime.Second;
    private const int Digits = 3;
    private const long CountMax = 1L << 40; // so that no sum of counts overflows
    private const double NanosPerMicro = 1000;

    private readonly LongHistogram _histogram;

    /// <summary>An empty one.</summary>
    public LatencyRecorder()
        : this(new LongHistogram(1, NanosMax, Digits))
    {
    }

    private LatencyRecorder(LongHistogram histogram) => _histogram = histogram;

    /// <summary>Delays recorded.</summary>
    public long Count => _histogram.TotalCount;

    /// <summary>Records a delay.</summary>
    public void Record(long nanos) => _histogram.RecordValue(Math.Clamp(nanos, 1, NanosMax));

    /// <summary>Records a delay that came several times.</summary>
    public void Record(long nanos, long count) =>
        _histogram.RecordValueWithCount(Math.Clamp(nanos, 1, NanosMax), Math.Min(count, CountMax));

    /// <summary>Adds another's delays.</summary>
    public void Add(LatencyRecorder other) => _histogram.Add(other._histogram);

    /// <summary>The least delay that at least so many percent do not exceed, microseconds; 0 of none.</summary>
    public double PercentileMicros(double percentile) =>
        Count == 0 ? 0 : _histogram.GetValueAtPercentile(percentile) / NanosPerMicro;

    /// <summary>The greatest, microseconds; 0 of none.</summary>
    public double MaxMicros => Count == 0 ? 0 : _histogram.GetMaxValue() / NanosPerMicro;

    /// <summary>Its percentiles, and all of it if asked for.</summary>
    public LatencySummary Summarize(string name, long lost, bool withHistogram = true) => new()
    {
        Name = name,
        Count = Count,
        Lost = lost,
        Min = PercentileMicros(0),
        Mean = Count == 0 ? 0 : _histogram.GetMean() / NanosPerMicro,
        P50 = PercentileMicros(50),
        P90 = PercentileMicros(90),
        P99 = PercentileMicros(99),
        P999 = PercentileMicros(99.9),
        P9999 = PercentileMicros(99.99),
        Max = MaxMicros,
        Histogram = withHistogram && Count > 0 ? ToBase64() : null,
    };

    /// <summary>All of it: HdrHistogram V2, deflated, base64.</summary>
    public string ToBase64()
    {
        var buffer = ByteBuffer.Allocate(_histogram.GetNeededByteBufferCapacity());
        int length = _histogram.EncodeIntoCompressedByteBuffer(buffer);
        buffer.Position = 0;
        byte[] bytes = new byte[length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = buffer.Get();
        }

        return Convert.ToBase64String(bytes);
    }

    /// <summary>Reads what <see cref="ToBase64"/> wrote.</summary>
    /// <returns>Null if the text is none.</returns>
    public static LatencyRecorder? FromBase64(string text)
    {
        var read = new LatencyRecorder();
        return HistogramText.TryRead(text, read.Record) ? read : null;
    }

    /// <summary>Writes distributions as an HdrHistogram log, format 1.3, values in nanoseconds.</summary>
    /// <remarks>By hand: the library's writer makes UTF-16 of it, which no other reader takes.</remarks>
    /// <param name="output">Where to.</param>
    /// <param name="start">When the measurement began, by the wall clock.</param>
    /// <param name="all">Distributions and their names, which become tags.</param>
    public static void WriteLog(
        TextWriter output, DateTimeOffset start, IEnumerable<(string Name, LatencyRecorder Recorder)> all)
    {
        double seconds = start.ToUnixTimeMilliseconds() / 1000.0;
        output.Write("#[Histogram log format version 1.3]\n");
        output.Write(string.Create(
            CultureInfo.InvariantCulture,
                $"#[StartTime: {seconds:0.000} (seconds since epoch), {start.UtcDateTime:O}]\n"));
        output.Write("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
        foreach ((string name, LatencyRecorder recorder) in all)
        {
            string tag = new([.. name.Select(letter => letter is ' ' or ',' || char.IsControl(letter) ? '_' : letter)]);
            output.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"Tag={tag},0.000,0.000,{recorder.MaxMicros / NanosPerMicro:0.000000},{recorder.ToBase64()}\n"));
        }
    }

    /// <summary>Points of its cumulative distribution: microseconds, share of delays up to them.</summary>
    public IReadOnlyList<(double Micros, double Share)> Cumulate()
    {
        var points = new List<(double Micros, double Share)>();
        long sum = 0;
        foreach (HdrHistogram.Iteration.HistogramIterationValue value in _histogram.RecordedValues())
        {
            sum += value.CountAtValueIteratedTo;
            points.Add((value.ValueIteratedTo / NanosPerMicro, sum / (double)Count));
        }

        return points;
    }
}
