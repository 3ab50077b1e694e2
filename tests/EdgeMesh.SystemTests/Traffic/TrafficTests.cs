using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Traffic;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>What pods do with the network, on one back end. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public abstract class TrafficTests<TFixture>(TFixture fixture) : IClassFixture<TFixture>
    where TFixture : MeshFixture
{
    private static readonly TimeSpan TransferTimeout = TimeSpan.FromSeconds(120);

    protected TFixture Fixture { get; } = fixture;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_pod_reaches_every_other_pod(bool isIpv6)
    {
        Fixture.Require();
        var lost = new List<string>();
        foreach (LabPod from in Fixture.Lab.Pods)
        {
            PingRun[] runs = await Task.WhenAll(Fixture.Lab.Pods.Select(
                to => PingRun.RunAsync(from.Network, to.Address(isIpv6), 3, TimeSpan.FromMilliseconds(20))));
            lost.AddRange(runs.Where(run => !run.IsWhole).Select(run => $"{from.Name}: {run.Output}"));
        }

        Assert.True(lost.Count == 0, string.Join('\n', lost));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Datagrams_of_every_size_come_back_unchanged(bool isIpv6)
    {
        Fixture.Require();
        LabPod from = Fixture.Lab.Pod("edge-a-pod1");
        LabPod to = Fixture.Lab.Pod("cloud-1-pod2");
        await using var echo = new UdpEcho(to.Network.BindUdp(new IPEndPoint(to.Address(isIpv6), 0)));
        using var limit = new CancellationTokenSource(TransferTimeout);
        foreach (int size in Sizes(isIpv6))
        {
            using Socket socket = from.Network.OpenSocket(
                echo.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            UdpResult result = await UdpExchange.RunAsync(socket, echo.EndPoint, size, 5, limit.Token);
            Assert.Equal((size, new UdpResult(5, 5, 0)), (size, result));
        }
    }

    // Around every edge: empty, the TUN's MTU (1500 - 28, 1500 - 48), a small slot, powers of two, the largest.
    private static IEnumerable<int> Sizes(bool isIpv6)
    {
        int[] edges = [0, 1, 2, 7, 8, 63, 64, 65, 511, 1024, 1200, 1232, 1279, 2000, 2048, 4096, 16384, 32768, 65507];
        int largestWhole = isIpv6 ? 1452 : 1472;
        var seeded = new Random(65507);
        return edges
            .Concat([largestWhole - 1, largestWhole, largestWhole + 1, (2 * largestWhole) - 1, 2 * largestWhole])
            .Concat(Enumerable.Range(0, 20).Select(_ => seeded.Next(65508)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Transfers_both_ways_at_once_arrive_unchanged(bool isIpv6)
    {
        Fixture.Require();
        await TransferBothWaysAsync(64L << 20, isIpv6);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Transfers_of_a_gibibyte_both_ways_at_once_arrive_unchanged()
    {
        Fixture.Require();
        await TransferBothWaysAsync(1L << 30, isIpv6: false);
    }

    private async Task TransferBothWaysAsync(long bytes, bool isIpv6)
    {
        LabPod one = Fixture.Lab.Pod("edge-a-pod1");
        LabPod other = Fixture.Lab.Pod("cloud-1-pod1");
        TransferResult[] results = await Task.WhenAll(
            TransferAsync(one, other, isIpv6, seed: 1, bytes), TransferAsync(other, one, isIpv6, seed: 2, bytes));
        Assert.All(results, result => Assert.True(result.IsIntact, "the checksums differ"));
        TestContext.Current.SendDiagnosticMessage(
            "{0} bytes each way: {1:0.00} and {2:0.00} Gbit/s",
            bytes, results[0].GigabitsPerSecond, results[1].GigabitsPerSecond);
    }

    private static async Task<TransferResult> TransferAsync(LabPod from, LabPod to, bool isIpv6, int seed, long bytes)
    {
        using var limit = new CancellationTokenSource(TransferTimeout);
        await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Address(isIpv6), 0)));
        using Socket socket = await from.Network.ConnectAsync(sink.EndPoint, limit.Token);
        TransferResult result = await TcpSource.SendAsync(socket, seed, bytes, progress: null, limit.Token);
        Assert.Equal(from.Address(isIpv6), sink.Sources.Single().Address);
        return result;
    }

    [Fact]
    public async Task Thousand_connections_at_once_are_all_served()
    {
        Fixture.Require();
        const int Connections = 1000;
        const long BytesEach = 32 * 1024;
        LabPod from = Fixture.Lab.Pod("edge-b-pod1");
        LabPod to = Fixture.Lab.Pod("cloud-1-pod2");
        using var limit = new CancellationTokenSource(TransferTimeout);
        await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Plan.Address4, 0), backlog: 4096));
        Socket[] sockets = from.Network.Inside(() => Enumerable.Range(0, Connections)
            .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray());
        try
        {
            await Task.WhenAll(sockets.Select(socket => socket.ConnectAsync(sink.EndPoint, limit.Token).AsTask()));
            TransferResult[] results = await Task.WhenAll(sockets.Select(
                (socket, i) => TcpSource.SendAsync(socket, i, BytesEach, progress: null, limit.Token)));
            Assert.All(results, result => Assert.True(result.IsIntact, "the checksums differ"));
            Assert.Equal(Connections * BytesEach, sink.Bytes);
            Assert.All(sink.Sources, source => Assert.Equal(from.Plan.Address4, source.Address));
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Packet_of_exactly_the_mtu_passes_unfragmented_and_a_larger_one_is_answered_with_the_mtu(
        bool isIpv6)
    {
        Fixture.Require();
        LabPod from = Fixture.Lab.Pod("edge-a-pod2");
        LabPod to = Fixture.Lab.Pod("cloud-1-pod1");
        int whole = isIpv6 ? 1452 : 1472;
        await using (await JumboLink.OpenAsync(from))
        {
            PingRun fits = await PingRun.RunAsync(
                from.Network, to.Address(isIpv6), 3, TimeSpan.FromMilliseconds(20), "-M", "do", "-s", $"{whole}");
            Assert.True(fits.IsWhole, fits.Output);
            PingRun larger = await PingRun.RunAsync(
                from.Network, to.Address(isIpv6), 3, TimeSpan.FromMilliseconds(20), "-M", "do", "-s", $"{whole + 1}");
            Assert.Empty(larger.RoundTripMicros);
            Assert.Contains("1500", larger.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Transfer_from_a_pod_with_a_larger_mtu_finds_the_path_mtu()
    {
        Fixture.Require();
        LabPod from = Fixture.Lab.Pod("edge-a-pod2");
        LabPod to = Fixture.Lab.Pod("cloud-1-pod1");
        await using (await JumboLink.OpenAsync(from))
        await using (await JumboLink.OpenAsync(to))
        {
            TransferResult result = await TransferAsync(from, to, isIpv6: false, seed: 3, 8 << 20);
            Assert.True(result.IsIntact);
        }
    }

    [Fact]
    public async Task Traffic_inside_a_site_never_enters_the_tun()
    {
        Fixture.RequireMesh();
        LabPod from = Fixture.Lab.Pod("cloud-1-pod1");
        LabPod to = Fixture.Lab.Pod("cloud-2-pod1");
        const int Requests = 200;
        long before = TunCounters.PacketsOf(from.Node.Network);
        foreach (bool isIpv6 in (bool[])[false, true])
        {
            PingRun run = await PingRun.RunAsync(
                from.Network, to.Address(isIpv6), Requests, TimeSpan.FromMilliseconds(2));
            Assert.True(run.IsWhole, run.Output);
        }

        // The kernel's own multicast may pass; the requests and answers may not.
        long after = TunCounters.PacketsOf(from.Node.Network);
        Assert.InRange(after - before, 0, Requests / 10);
    }

    [Fact]
    public async Task Each_packet_that_came_in_was_delivered_or_dropped_and_counted()
    {
        Fixture.RequireMesh();
        await TransferBothWaysAsync(8L << 20, isIpv6: false);
        foreach (MeshNode node in Fixture.Mesh.Nodes)
        {
            string sums = "";
            bool isEven = await Eventually.IsTrueAsync(
                async () =>
                {
                    CliView status = await node.StatusAsync();
                    long came = status.Count("packets_in") + status.Count("packets_received");
                    long went = status.Count("packets_sent") + status.Count("packets_delivered") +
                        status.Count("packets_dropped");
                    sums = $"{node.Name}: in {came}, out {went}; {status.Raw}";
                    return came == went;
                },
                TimeSpan.FromSeconds(5));
            Assert.True(isEven, sums);
        }
    }
}
