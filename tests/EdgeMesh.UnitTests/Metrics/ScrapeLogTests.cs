using System;
using System.IO;
using System.Linq;
using System.Net;
using EdgeMesh.Metrics;
using EdgeMesh.Logging;
using Xunit;

namespace EdgeMesh.UnitTests.Metrics;

public sealed class ScrapeLogTests
{
    private readonly StringWriter _lines = new();
    private readonly ScrapeCounts _counts = new();
    private readonly SetTime _time = new();
    private readonly ScrapeLog _log;

    public ScrapeLogTests() => _log = new ScrapeLog(_counts, new StructuredLog(_lines), _time);

    private string[] Lines => _lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Scraper_that_misbehaves_fills_one_line_in_a_while_and_each_of_its_scrapes_is_counted()
    {
        for (int i = 0; i < 1000; i++)
        {
            _log.Add(ScrapeOutcome.Cut, new IPEndPoint(IPAddress.Loopback, 7), "it left");
        }

        string line = Assert.Single(Lines);
        Assert.Contains(
            "warn scrape_cut from=127.0.0.1:7 cause=\"it left\" not_written=0", line, StringComparison.Ordinal);
        Assert.Equal(1000, CountOf("cut"));

        _time.Pass(ScrapeLog.LineInterval);
        _log.Add(ScrapeOutcome.Cut, null, "it left");
        Assert.Equal(2, Lines.Length);
        Assert.Contains("not_written=999", Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Each_outcome_has_its_own_line()
    {
        ScrapeOutcome[] outcomes = Enum.GetValues<ScrapeOutcome>();
        foreach (ScrapeOutcome outcome in outcomes)
        {
            _log.Add(outcome, null, "x");
            Assert.Equal(1, CountOf(ScrapeCounts.LabelOf(outcome)));
        }

        Assert.Equal(outcomes.Length - 1, Lines.Length); // a scrape that was served is none
        Assert.Single(Lines, line => line.Contains(" error scrape_failed ", StringComparison.Ordinal));
    }

    private long CountOf(string label) => _counts.Snapshot().Single(count => count.Label == label).Count;
}
