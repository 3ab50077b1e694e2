using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Traffic;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>The TUN's --mtu is smaller than the pods'. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public sealed class SmallerMtuTests(SmallerMtuFixture fixture) : IClassFixture<SmallerMtuFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Packet_that_may_not_be_cut_is_answered_with_the_mtu(bool isIpv6)
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        int whole = SmallerMtuFixture.MtuBytes - (isIpv6 ? 48 : 28);
        PingRun larger = await PingRun.RunAsync(
            from.Network, to.Address(isIpv6), 2, TimeSpan.FromMilliseconds(20), "-M", "do", "-s", $"{whole + 1}");
        Assert.Empty(larger.RoundTripMicros);
        Assert.Contains($"{SmallerMtuFixture.MtuBytes}", larger.Output, StringComparison.Ordinal);
        PingRun fits = await PingRun.RunAsync(
            from.Network, to.Address(isIpv6), 3, TimeSpan.FromMilliseconds(20), "-M", "do", "-s", $"{whole}");
        Assert.True(fits.IsWhole, fits.Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Transfers_and_large_datagrams_find_their_way(bool isIpv6)
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-b-pod1");
        LabPod to = fixture.Lab.Pod("edge-a-pod2");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Address(isIpv6), 0)));
        await using var echo = new UdpEcho(to.Network.BindUdp(new IPEndPoint(to.Address(isIpv6), 0)));
        using Socket tcp = await from.Network.ConnectAsync(sink.EndPoint, limit.Token);
        Assert.True((await TcpSource.SendAsync(tcp, 5, 4 << 20, progress: null, limit.Token)).IsIntact);

        // The first may be lost: it is what makes the kernel learn of the path's MTU.
        using Socket udp = from.Network.OpenSocket(echo.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        UdpResult result = await UdpExchange.RunAsync(udp, echo.EndPoint, 4000, 5, limit.Token);
        Assert.InRange(result.Received, 4, 5);
    }
}
