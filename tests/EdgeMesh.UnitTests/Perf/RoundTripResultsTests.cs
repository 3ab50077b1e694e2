using System.Linq;
using System.Net;
using EdgeMesh.Perf.Commands;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

/// <summary>What is made of requests and responses.</summary>
public sealed class RoundTripResultsTests
{
    [Fact]
    public void Without_an_answer_there_are_no_percentiles()
    {
        PerfResult result = Of(Outcome(answers: 0, lost: 50));
        Assert.Null(result.Find("p99"));
        Assert.Null(result.Find("max"));
        Assert.Equal(50, result.Find("lost")!.Median);
        Assert.Equal(50, result.Latencies.Single().Lost);
    }

    [Fact]
    public void Percentiles_are_of_the_samples_that_have_answers()
    {
        PerfResult result = Of(Outcome(answers: 0, lost: 50), Outcome(answers: 10, lost: 0));
        Assert.Single(result.Find("p99")!.Samples);
        Assert.Equal([50, 0], result.Find("lost")!.Samples);
    }

    [Fact]
    public void Requests_that_never_left_are_told()
    {
        PerfResult result = Of(Outcome(answers: 10, lost: 3) with { Unsent = 3 });
        Assert.Contains("3 requests were due and never left: they count as lost", result.Notes);
    }

    private static PerfResult Of(params RoundTripOutcome[] samples) => RoundTripResults.Of(
        "rr", PerfResult.Direct, new MeasurementRequest { Test = TestKind.UdpRoundTrip, RatePerSecond = 50 }, samples);

    private static RoundTripOutcome Outcome(int answers, long lost)
    {
        var latency = new LatencyRecorder();
        for (int i = 0; i < answers; i++)
        {
            latency.Record(1000);
        }

        return new RoundTripOutcome
        {
            Latency = latency,
            FromSending = new LatencyRecorder(),
            Lateness = new LatencyRecorder(),
            Lost = lost,
            Session = new SessionFacts(IPAddress.Loopback, "", ""),
        };
    }
}
