using System;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Perf.Lab;
using EdgeMesh.SystemTests.Fixtures;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>
/// Bursts of datagrams, and nothing between them: no other event wakes a loop that went to sleep while a part of the
/// burst still waited.
/// </summary>
public abstract class BurstTests<TFixture>(TFixture fixture) : IClassFixture<TFixture>
    where TFixture : MeshFixture
{
    private const int DatagramBytes = 1400;
    private const int SegmentsPerSend = 42;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Bursts_arrive_whole_and_the_last_one_too(int sends)
    {
        fixture.Require();
        const int Bursts = 100;
        BurstArrivals arrivals = await SendAsync(sends, Bursts, TimeSpan.FromMilliseconds(20));
        AssertWhole(arrivals, Bursts, sends);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Burst_is_over_before_anything_else_happens(int sends)
    {
        fixture.Require();
        const int Bursts = 12;
        var silence = TimeSpan.FromMilliseconds(300);
        BurstArrivals arrivals = await SendAsync(sends, Bursts, silence);
        AssertWhole(arrivals, Bursts, sends); // a last datagram that is lost is not late
        double[] millis = [.. Enumerable.Range(0, Bursts).Select(i => arrivals.LastNanosOf(i) / 1e6)];
        Assert.True(
            millis.All(last => last < 0.8 * silence.TotalMilliseconds),
            $"last datagrams after {string.Join(' ', millis.Select(last => $"{last:0.0}"))} ms");
    }

    private static void AssertWhole(BurstArrivals arrivals, int bursts, int sends)
    {
        int[] counts = [.. Enumerable.Range(0, bursts).Select(arrivals.CountOf)];
        Assert.True(counts.All(count => count == sends * SegmentsPerSend), string.Join(' ', counts));
    }

    private async Task<BurstArrivals> SendAsync(int sends, int bursts, TimeSpan interval)
    {
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        using UdpPair pair = await UdpPair.OpenAsync(from, to);
        var sender = new BurstSender(pair.Near, DatagramBytes, SegmentsPerSend, sends);
        var arrivals = new BurstArrivals(bursts, sender.DatagramsPerBurst);
        var stop = new StopFlag();
        Task receiving = LabThread.Run("bursts arrive", () => arrivals.ReceiveAll(pair.Far, stop));
        await LabThread.Run("bursts leave", () => sender.Run(bursts, interval, stop));
        await Task.Delay(Rest);
        stop.Set();
        await receiving;
        Assert.Equal(0, sender.Refused);
        return arrivals;
    }
}
