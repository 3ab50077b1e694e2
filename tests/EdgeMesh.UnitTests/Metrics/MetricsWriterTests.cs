using System;
using System.Buffers;
using System.Text;
using EdgeMesh.Metrics;
using Xunit;

namespace EdgeMesh.UnitTests.Metrics;

public sealed class MetricsWriterTests
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly MetricsWriter _writer;

    public MetricsWriterTests() => _writer = new MetricsWriter(_output);

    private string Text => Encoding.UTF8.GetString(_output.WrittenSpan);

    [Fact]
    public void Family_has_help_and_type_once_before_its_samples()
    {
        _writer.Family("edgemesh_packets_total", MetricType.Counter, "Packets.");
        _writer.Sample(17, ("direction", "out"));
        _writer.Sample(4, ("direction", "in"), ("path", "direct"));
        Assert.Equal(
            "# HELP edgemesh_packets_total Packets.\n# TYPE edgemesh_packets_total counter\n"
            + "edgemesh_packets_total{direction=\"out\"} 17\n"
            + "edgemesh_packets_total{direction=\"in\",path=\"direct\"} 4\n",
            Text);
    }

    [Fact]
    public void Label_values_and_help_are_escaped()
    {
        _writer.Family("a", MetricType.Gauge, "back\\slash, \"quotes\" and\nline");
        _writer.Sample(1, ("l", "x\\y\"z\n"), ("empty", ""));
        Assert.Equal(
            "# HELP a back\\\\slash, \"quotes\" and\\nline\n# TYPE a gauge\na{l=\"x\\\\y\\\"z\\n\",empty=\"\"} 1\n",
            Text);
    }

    [Fact]
    public void Label_values_are_utf8_whatever_they_hold()
    {
        _writer.Family("a", MetricType.Gauge, "h");
        _writer.Sample(1, ("l", "ü\ud800"));
        Assert.EndsWith("a{l=\"ü\ufffd\"} 1\n", Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(0.25, "0.25")]
    [InlineData(-1e300, "-1E+300")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Doubles_are_written_as_prometheus_reads_them(double value, string text)
    {
        _writer.Single("a", MetricType.Gauge, "h", value);
        Assert.EndsWith($"\na {text}\n", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Extreme_integers_are_exact()
    {
        _writer.Single("a", MetricType.Gauge, "h", long.MinValue);
        _writer.Single("b_total", MetricType.Counter, "h", long.MaxValue);
        Assert.Contains("a -9223372036854775808\n", Text, StringComparison.Ordinal);
        Assert.EndsWith("b_total 9223372036854775807\n", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_into_a_grown_buffer_allocates_nothing()
    {
        void Scrape()
        {
            _output.ResetWrittenCount();
            _writer.Family("edgemesh_packets_total", MetricType.Counter, "Packets.");
            for (int i = 0; i < 100; i++)
            {
                _writer.Sample(i, ("direction", "out"), ("reason", "no_\"route"));
                _writer.Sample(i / 3.0);
            }
        }

        Scrape();
        Scrape();
        Assert.Equal(0, AllocatedBytes.InEachRun(() => Scrape()));
    }
}
