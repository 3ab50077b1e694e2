using System;
using System.IO;
using EdgeMesh.Logging;
using Xunit;

namespace EdgeMesh.UnitTests.Logging;

public sealed class StructuredLogTests
{
    private readonly StringWriter _text = new();

    [Fact]
    public void A_line_has_time_level_event_and_fields()
    {
        Log(LogLevel.Info).Info("mesh_applied", ("generation", 7), ("path", "/run/a.sock"), ("new", true));
        Assert.Equal("1970-01-01T00:00:01.500Z info mesh_applied generation=7 path=/run/a.sock new=true\n",
            _text.ToString());
    }

    [Theory]
    [InlineData("a b", "\"a b\"")]
    [InlineData("", "\"\"")]
    [InlineData(null, "\"\"")]
    [InlineData("say \"hi\"", "\"say \\\"hi\\\"\"")]
    [InlineData("a\nb\tc\\d", "\"a\\nb\\tc\\\\d\"")]
    [InlineData("x=1", "\"x=1\"")]
    [InlineData("bell\u0007 \u001b[31m", "\"bell\\u0007 \\u001b[31m\"")]
    [InlineData("grün", "\"grün\"")]
    public void Values_never_break_the_line(string? value, string written)
    {
        Log(LogLevel.Info).Warn("e", ("v", value));
        Assert.EndsWith($" warn e v={written}\n", _text.ToString());
    }

    [Fact]
    public void Less_important_levels_are_left_out()
    {
        StructuredLog log = Log(LogLevel.Warn);
        log.Debug("d");
        log.Info("i");
        log.Warn("w");
        log.Error("e");
        Assert.Equal(2, _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_closed_writer_stops_nobody()
    {
        var closed = new StreamWriter(new MemoryStream());
        closed.Dispose();
        new StructuredLog(closed).Error("e");
    }

    [Fact]
    public void Long_values_are_cut()
    {
        Log(LogLevel.Info).Info("e", ("v", new string('x', 1_000_000)));
        Assert.InRange(_text.ToString().Length, 1, 10_000);
    }

    [Theory]
    [InlineData("debug", true, LogLevel.Debug)]
    [InlineData("error", true, LogLevel.Error)]
    [InlineData("Info", false, LogLevel.Info)]
    [InlineData(null, false, LogLevel.Info)]
    public void Levels_are_read_by_name(string? text, bool isLevel, LogLevel level)
    {
        Assert.Equal(isLevel, StructuredLog.TryParseLevel(text, out LogLevel parsed));
        Assert.Equal(level, parsed);
    }

    private StructuredLog Log(LogLevel level) => new(_text, level, new FixedTime());

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(1500);
    }
}
