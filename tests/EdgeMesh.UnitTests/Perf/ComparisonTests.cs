using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Results;
using EdgeMesh.Perf.Thresholds;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

public sealed class ComparisonTests
{
    [Fact]   // the oracle is the definition: of all ways to deal the ranks out, how many are at least as far apart
    public void Rank_test_agrees_with_all_permutations() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int).Sample((n, m, seed) =>
        {
            double[] values = [.. Enumerable.Range(1, n + m).Select(value => (double)value)];
            new Random(seed).Shuffle(values);
            double[] one = values[..n];
            double[] other = values[n..];
            Assert.Equal(Brute(one, other), RankSum.Probability(one, other), 9);
        });

    [Theory]
    [InlineData(new double[] { 1, 2, 3, 4 }, new double[] { 5, 6, 7, 8 }, 0.0286)] // 2 of 70
    [InlineData(new double[] { 1, 2, 3, 4, 5 }, new double[] { 6, 7, 8, 9, 10 }, 0.0079)] // 2 of 252
    [InlineData(new double[] { 3, 3, 3, 3 }, new double[] { 3, 3, 3, 3 }, 1)]
    public void Rank_test_gives_the_tables_values(double[] one, double[] other, double probability) =>
        Assert.Equal(probability, RankSum.Probability(one, other), 4);

    [Fact]
    public void Ties_keep_the_probability_between_zero_and_one() =>
        Gen.Int[0, 3].Select(value => (double)value).Array[0, 20].Sample(values =>
            Assert.InRange(RankSum.Probability(values[..(values.Length / 2)], values[(values.Length / 2)..]), 0, 1));

    [Theory]
    [InlineData(new double[] { 10, 10.1, 9.9, 10.2 }, new double[] { 8, 8.1, 7.9, 8.2 }, Verdict.Worse, true)]
    [InlineData(new double[] { 10, 10.1, 9.9, 10.2 }, new double[] { 12, 12.1, 11.9, 12.2 }, Verdict.Better, false)]
    [InlineData(new double[] { 10, 10.1, 9.9, 10.2 }, new double[] { 9.8, 9.85, 9.7, 9.6 }, Verdict.Worse, false)]
    [InlineData(new double[] { 10, 5, 15, 8 }, new double[] { 9, 4, 13, 9.5 }, Verdict.WithinNoise, false)]
    [InlineData(new double[] { 10, 11 }, new double[] { 7, 8 }, Verdict.Worse, true)] // ranges do not touch
    [InlineData(new double[] { 10, 7.5 }, new double[] { 7, 8 }, Verdict.WithinNoise, false)]
    [InlineData(new double[] { 10 }, new double[] { 9 }, Verdict.SpreadUnknown, true)]
    [InlineData(new double[] { 10 }, new double[] { 9.9 }, Verdict.SpreadUnknown, false)]
    public void Verdict_needs_more_than_the_spread(double[] before, double[] after, object verdict, bool isRegression)
    {
        var comparison = ReportComparison.Of(Report(before), Report(after), maxRegressionPercent: 5);
        MetricChange change = Assert.Single(comparison.Changes);
        Assert.Equal((Verdict)verdict, change.Verdict);
        Assert.Equal(isRegression, change.IsRegression);
    }

    [Fact]
    public void More_of_a_delay_is_a_regression()
    {
        var comparison = ReportComparison.Of(
            Report([100], higherIsBetter: false), Report([200], higherIsBetter: false), maxRegressionPercent: 5);
        Assert.True(Assert.Single(comparison.Changes).IsRegression);
        Assert.Equal(100, comparison.Changes[0].Percent);
    }

    [Fact]
    public void Reports_of_different_tests_cannot_be_compared()
    {
        PerfReport other = Report([1]) with { Results = [new PerfResult { Test = "udp", Via = "direct" }] };
        Assert.Throws<PerfException>(() => ReportComparison.Of(Report([1]), other, 5));
    }

    [Fact]
    public void A_result_that_is_gone_is_named()
    {
        PerfReport before = Report([1]);
        before = before with { Results = [.. before.Results, new PerfResult { Test = "udp", Via = "edgemesh" }] };
        Assert.Equal(["udp via edgemesh"], ReportComparison.Of(before, Report([1]), 5).Missing);
    }

    private static double Brute(double[] one, double[] other)
    {
        double[] all = [.. one, .. other];
        double Wins(IEnumerable<double> some) =>
            some.Sum(a => all.Count(b => b < a)) - (one.Length * (one.Length - 1) / 2.0);
        double middle = one.Length * other.Length / 2.0;
        double far = Math.Abs(Wins(one) - middle);
        int[] subsets = [.. Enumerable.Range(0, 1 << all.Length).Where(set => int.PopCount(set) == one.Length)];
        int further = subsets.Count(set =>
            Math.Abs(Wins(all.Where((_, i) => (set & (1 << i)) != 0)) - middle) >= far - 1e-9);
        return further / (double)subsets.Length;
    }

    private static PerfReport Report(double[] samples, bool higherIsBetter = true) => new()
    {
        Meta = new ReportMeta(),
        Results =
        [
            new PerfResult
            {
                Test = "tcp",
                Via = "direct",
                Metrics =
                [
                    new Metric { Name = "figure", Unit = "", HigherIsBetter = higherIsBetter, Samples = samples },
                    Metric.Less("unjudged", "", 1) with { IsJudged = false },
                ],
            },
        ],
    };
}
