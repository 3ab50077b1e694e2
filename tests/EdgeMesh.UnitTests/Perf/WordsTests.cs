using System;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Commands;
using EdgeMesh.Perf.Measuring.Asking;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

public sealed class WordsTests
{
    [Theory]
    [InlineData("10", 10)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5s", 1.5)]
    [InlineData("2m", 120)]
    [InlineData("1h", 3600)]
    public void Durations_are_read(string text, double seconds)
    {
        Assert.True(UnitText.TryDuration(text, out TimeSpan duration));
        Assert.Equal(seconds, duration.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("10 parsecs")]
    [InlineData("1000h")]
    [InlineData("ms")]
    public void Durations_that_are_none_are_refused(string text) => Assert.False(UnitText.TryDuration(text, out _));

    [Theory]
    [InlineData("1400", 1400)]
    [InlineData("64K", 65536)]
    [InlineData("1M", 1048576)]
    [InlineData("9KiB", 9216)]
    public void Sizes_are_read(string text, int bytes)
    {
        Assert.True(UnitText.TrySize(text, out int size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("9999999M")]
    [InlineData("64X")]
    public void Sizes_that_are_none_are_refused(string text) => Assert.False(UnitText.TrySize(text, out _));

    [Theory]
    [InlineData("5000", 5000)]
    [InlineData("20k/s", 20_000)]
    [InlineData("1Mpps", 1e6)]
    [InlineData("100Mbit/s", 12_500)] // of 1000 bytes
    public void Rates_are_read(string text, double perSecond)
    {
        Assert.True(UnitText.TryRate(text, 1000, out double rate));
        Assert.Equal(perSecond, rate, 6);
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("0-1,3", 0b1011)]
    [InlineData("63", long.MinValue)]
    public void Processors_are_read(string list, long mask) => Assert.Equal(mask, CpuAffinity.Parse(list));

    [Theory]
    [InlineData("")]
    [InlineData("2-1")]
    [InlineData("64")]
    [InlineData("0-1-2")]
    [InlineData("a")]
    public void Processors_that_are_none_are_refused(string list) => Assert.Null(CpuAffinity.Parse(list));

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3", 5210)]
    [InlineData("10.1.2.3:99", "10.1.2.3", 99)]
    [InlineData("fd00::1", "fd00::1", 5210)]
    [InlineData("[fd00::1]:99", "fd00::1", 99)]
    [InlineData("pod.example:1", "pod.example", 1)]
    public void Targets_are_read(string text, string host, int port) =>
        Assert.Equal((host, port), PerfTarget.Split(text));

    [Theory]
    [InlineData("")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData(":5210")]
    public void Targets_that_are_none_are_refused(string text) =>
        Assert.Throws<PerfException>(() => PerfTarget.Split(text));
}
