using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CsCheck;
using EdgeMesh.Perf.Measuring;
using HdrHistogram;
using HdrHistogram.Utilities;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

public sealed class LatencyRecorderTests
{
    private const double Resolution = 0.001; // three significant digits

    private static readonly Gen<long[]> Delays = Gen.Long[1, 2_000_000_000].Array[1, 500];

    [Fact]   // the oracle: sort, and take the smallest value that enough others do not exceed
    public void Percentiles_agree_with_a_sorted_list() =>
        Gen.Select(Delays, Gen.Double[0.1, 100]).Sample((delays, percentile) =>
        {
            long[] sorted = [.. delays.Order()];
            int rank = Math.Max((int)Math.Ceiling(percentile / 100 * sorted.Length - 1e-9), 1);
            double expected = sorted[rank - 1] / 1000.0;

            // The library rounds the rank, so the neighbour is right too where the percentile falls between two.
            double below = sorted[Math.Max(rank - 2, 0)] / 1000.0;
            double actual = Of(delays).PercentileMicros(percentile);
            Assert.True(
                IsClose(expected, actual)
                    || IsClose(below, actual), $"{percentile}: {expected} or {below}, not {actual}");
        });

    [Fact]
    public void Added_distributions_are_the_distribution_of_all() =>
        Gen.Select(Delays, Delays).Sample((one, other) =>
        {
            LatencyRecorder sum = Of(one);
            sum.Add(Of(other));
            Assert.Equal(Of([.. one, .. other]).Cumulate(), sum.Cumulate());
        });

    [Fact]
    public void What_is_written_as_text_is_read_back() => Delays.Sample(delays =>
    {
        LatencyRecorder recorder = Of(delays);
        var read = LatencyRecorder.FromBase64(recorder.ToBase64());
        Assert.NotNull(read);
        Assert.Equal(recorder.Cumulate(), read.Cumulate());
    });

    [Fact]   // the library's own decoder, which finds its constructors by reflection
    public void The_decoder_agrees_with_the_librarys() => Delays.Sample(delays =>
    {
        string text = Of(delays).ToBase64();
        HistogramBase theirs = HistogramEncoding.DecodeFromCompressedByteBuffer(
            ByteBuffer.Allocate(Convert.FromBase64String(text)), 0);
        var ours = new Dictionary<long, long>();
        Assert.True(HistogramText.TryRead(text, (value, count) => ours.Add(value, count)));
        Assert.Equal(
            theirs.RecordedValues().ToDictionary(
                value => theirs.LowestEquivalentValue(value.ValueIteratedTo), value => value.CountAtValueIteratedTo),
            ours);
    });

    [Theory]
    [InlineData("")]
    [InlineData("no base64!")]
    [InlineData("AAAA")]
    public void A_text_that_is_no_histogram_is_refused(string text) => Assert.Null(LatencyRecorder.FromBase64(text));

    [Fact]
    public void A_histogram_cut_at_any_byte_is_refused()
    {
        byte[] whole = Convert.FromBase64String(Of([1000, 2000, 5_000_000]).ToBase64());
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Null(LatencyRecorder.FromBase64(Convert.ToBase64String(whole, 0, length)));
        }
    }

    [Fact]
    public void The_log_has_the_format_that_other_readers_know()
    {
        using var text = new StringWriter();
        LatencyRecorder recorder = Of([1000, 2000, 3_000_000]);
        LatencyRecorder.WriteLog(text, DateTimeOffset.UnixEpoch.AddSeconds(1.5), [("rr, idle", recorder)]);
        string[] lines = text.ToString().Split('\n');
        Assert.Equal("#[Histogram log format version 1.3]", lines[0]);
        Assert.StartsWith("#[StartTime: 1.500 (seconds since epoch), ", lines[1]);
        Assert.Equal(
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"", lines[2]);
        string[] fields = lines[3].Split(',');
        Assert.Equal("Tag=rr__idle", fields[0]);
        Assert.Equal(5, fields.Length);
        Assert.StartsWith("HISTFAAA", fields[4]); // the compressed V2 cookie in base64
        Assert.Equal(3, LatencyRecorder.FromBase64(fields[4])!.Count);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var recorder = new LatencyRecorder();
        recorder.Record(1);
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                recorder.Record(i * 37L);
            }
        }));
    }

    [Fact]
    public void A_delay_beyond_the_scale_is_the_longest_there_is()
    {
        LatencyRecorder recorder = Of([long.MaxValue, -5]);
        Assert.InRange(recorder.MaxMicros, 60e6 * (1 - Resolution), 60e6 * (1 + Resolution));
        Assert.Equal(2, recorder.Count);
    }

    private static LatencyRecorder Of(IEnumerable<long> delays)
    {
        var recorder = new LatencyRecorder();
        foreach (long delay in delays)
        {
            recorder.Record(delay);
        }

        return recorder;
    }

    private static bool IsClose(double expected, double actual) =>
        Math.Abs(expected - actual) <= (expected * Resolution) + 0.001;
}
