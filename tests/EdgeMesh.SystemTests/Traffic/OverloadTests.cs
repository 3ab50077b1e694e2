using System;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Perf.Lab;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>Datagrams of many fragments, twice as many as the underlay carries.</summary>
public sealed class OverloadTests(NarrowUnderlayFixture fixture) : IClassFixture<NarrowUnderlayFixture>
{
    [Theory]
    [InlineData(16 << 10)]
    [InlineData(65_000)]
    public async Task Half_of_what_the_underlay_carries_arrives_as_whole_datagrams(int datagramBytes)
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        const double BytesPerSecond = NarrowUnderlayFixture.KilobitsPerSecond * 125.0;
        using UdpPair pair = await UdpPair.OpenAsync(from, to);
        var sent = new FlowCounters();
        var arrived = new SequenceWatch();
        var sendingEnd = new StopFlag();
        var receivingEnd = new StopFlag();
        Task receiving = LabThread.Run("datagrams arrive", () => arrived.ReceiveAll(pair.Far, receivingEnd));
        Task sending = LabThread.Run(
            "datagrams leave",
            () => UdpFlow.Send(pair.Near, datagramBytes, 2 * BytesPerSecond / datagramBytes, sent, sendingEnd));
        long start = MonotonicTime.Now;
        await Task.Delay(TimeSpan.FromSeconds(5));
        sendingEnd.Set();
        await sending;
        double seconds = (MonotonicTime.Now - start) / 1e9;
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        receivingEnd.Set();
        await receiving;
        Assert.InRange(sent.Bytes / seconds, 1.5 * BytesPerSecond, double.MaxValue); // it was an overload
        double share = arrived.Arrived * datagramBytes / seconds / BytesPerSecond;
        Assert.True(share >= 0.5, $"{arrived.Arrived} of {sent.Packets} arrived whole: {share:0.00} of the underlay");
    }
}
