using System;
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

namespace EdgeMesh.SystemTests.Isolation;

/// <summary>Who may send what to whom. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public sealed class IsolationTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Far_pod_sees_the_pods_own_address_although_another_network_plugin_masquerades(bool isIpv6)
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("edge-b-pod1");
        string prefix = (isIpv6 ? from.Node.Plan.Prefix6 : from.Node.Plan.Prefix4).ToString();
        string program = isIpv6 ? "ip6tables" : "iptables";
        string[] rule = ["POSTROUTING", "-s", prefix, "!", "-d", prefix, "-j", "MASQUERADE"];
        (await from.Node.Network.RunAsync([program, "-t", "nat", "-A", .. rule])).OrThrow();
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Address(isIpv6), 0)));
            await using var echo = new UdpEcho(to.Network.BindUdp(new IPEndPoint(to.Address(isIpv6), 0)));
            using Socket tcp = await from.Network.ConnectAsync(sink.EndPoint, limit.Token);
            using Socket udp = from.Network.OpenSocket(
                echo.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            TransferResult transfer = await TcpSource.SendAsync(tcp, 1, 100_000, progress: null, limit.Token);
            UdpResult exchange = await UdpExchange.RunAsync(udp, echo.EndPoint, 100, 3, limit.Token);
            Assert.True(transfer.IsIntact);
            Assert.Equal(3, exchange.Received);
            Assert.Equal(from.Address(isIpv6), Assert.Single(sink.Sources).Address);
            Assert.Equal(from.Address(isIpv6), Assert.Single(echo.Sources.Keys));
        }
        finally
        {
            (await from.Node.Network.RunAsync([program, "-t", "nat", "-D", .. rule])).OrThrow();
        }
    }

    [Fact]
    public async Task Address_that_no_node_holds_is_answered_with_unreachable_and_counted()
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-a-pod1");

        // 10.244.0.0/22 is the cloud's; nodes hold .1 and .2 of it.
        for (int i = 0; i < 5; i++)
        {
            PingRun run = await PingRun.RunAsync(
                from.Network, IPAddress.Parse("10.244.3.1"), 1, TimeSpan.FromMilliseconds(200));
            Assert.Empty(run.RoundTripMicros);
            Assert.Contains("nreachable", run.Output, StringComparison.Ordinal);
        }

        await AssertDropsAsync(fixture.Mesh.Node("edge-a"), "no_route", 5);
    }

    [Theory]
    [InlineData("10.244.77.1", false)]
    [InlineData("fd00:77::1", true)]
    public async Task Source_that_is_not_the_nodes_own_is_dropped_where_it_enters_and_counted(
        string source, bool isIpv6)
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        long before = await DropsAsync(fixture.Mesh.Node("edge-a"), "source_not_local");
        await using (await ExtraAddress.AddAsync(from.Network, source))
        {
            PingRun run = await PingRun.RunAsync(
                from.Network, to.Address(isIpv6), 5, TimeSpan.FromMilliseconds(20), "-I", source);
            Assert.Empty(run.RoundTripMicros);
        }

        await AssertDropsAsync(fixture.Mesh.Node("edge-a"), "source_not_local", before + 5);
    }

    [Fact]
    public async Task Peer_that_claims_more_prefixes_than_it_has_is_not_believed()
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-b-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        MeshNode liar = fixture.Mesh.Node("edge-b");
        MeshNode honest = fixture.Mesh.Node("cloud-1");
        long before = await DropsAsync(honest, "spoofed_source");
        MeshDocument lie = fixture.Mesh.Document.With(
            "edge-b", node => node with { Prefixes = [.. node.Prefixes, "10.244.77.0/24"] });
        lie = lie with { EdgePrefixes = [.. lie.EdgePrefixes, "10.244.77.0/24"] };
        await using (await ExtraAddress.AddAsync(from.Network, "10.244.77.1"))
        await using (await MeshEdit.ApplyAsync(fixture.Mesh, liar, lie))
        {
            PingRun run = await PingRun.RunAsync(
                from.Network, to.Plan.Address4, 5, TimeSpan.FromMilliseconds(20), "-I", "10.244.77.1");
            Assert.Empty(run.RoundTripMicros);
            await AssertDropsAsync(honest, "spoofed_source", before + 5);
        }
    }

    [Fact]
    public async Task Packet_for_a_prefix_the_node_does_not_serve_is_dropped_and_counted()
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("cloud-1-pod1");
        MeshNode misled = fixture.Mesh.Node("cloud-1");
        MeshNode honest = fixture.Mesh.Node("edge-a");
        long before = await DropsAsync(honest, "not_local");
        MeshDocument error = fixture.Mesh.Document.With(
            "edge-a", node => node with { Prefixes = [.. node.Prefixes, "10.244.8.0/24"] });
        error = error with { EdgePrefixes = [.. error.EdgePrefixes, "10.244.8.0/24"] };
        await using (await MeshEdit.ApplyAsync(fixture.Mesh, misled, error))
        {
            Assert.True(
                await Eventually.IsTrueAsync(
                    async () => (await misled.Node.Network.RunAsync("ip", "route", "get", "10.244.8.1")).Output
                        .Contains("edge_tun0", StringComparison.Ordinal),
                    Patience),
                "the kernel has no route to the new entry");
            PingRun run = await PingRun.RunAsync(
                from.Network, IPAddress.Parse("10.244.8.1"), 5, TimeSpan.FromMilliseconds(20));
            Assert.Empty(run.RoundTripMicros);
            await AssertDropsAsync(honest, "not_local", before + 5);
        }
    }

    [Fact]
    public async Task Node_that_the_others_do_not_know_gets_no_connection_and_is_counted_as_a_stranger()
    {
        fixture.RequireMesh();
        MeshNode expelled = fixture.Mesh.Node("edge-b");
        MeshNode honest = fixture.Mesh.Node("cloud-1");
        long before = await StrangersAsync(honest);
        MeshDocument without = fixture.Mesh.Document.Without("edge-b");
        foreach (MeshNode node in fixture.Mesh.Nodes.Where(node => node != expelled))
        {
            without.Save(node.MeshPath);
        }

        try
        {
            bool isCounted = await Eventually.IsTrueAsync(
                async () => await StrangersAsync(honest) > before, TimeSpan.FromSeconds(15));
            Assert.True(isCounted, $"no stranger counted: {(await honest.StatusAsync()).Raw}");
            PingRun run = await PingRun.RunAsync(
                fixture.Lab.Pod("edge-b-pod1").Network, fixture.Lab.Pod("cloud-1-pod1").Plan.Address4, 3,
                TimeSpan.FromMilliseconds(20));
            Assert.Empty(run.RoundTripMicros);
        }
        finally
        {
            fixture.Mesh.Save(fixture.Mesh.Document);
            await fixture.Mesh.WaitUntilConnectedAsync();
        }
    }

    private static async Task<long> StrangersAsync(MeshNode node)
    {
        CliView status = await node.StatusAsync();
        return status.Items("connection_events")
            .Where(item => item.Text("reason").Contains("stranger", StringComparison.OrdinalIgnoreCase))
            .Sum(item => item.Count("count"));
    }

    private static async Task<long> DropsAsync(MeshNode node, string reason) =>
        (await node.DropsAsync()).TryGetValue(reason, out long packets) ? packets : 0;

    private static async Task AssertDropsAsync(MeshNode node, string reason, long atLeast)
    {
        long seen = 0;
        bool isCounted = await Eventually.IsTrueAsync(
            async () => (seen = await DropsAsync(node, reason)) >= atLeast, Patience);
        Assert.True(isCounted,
            $"{node.Name}: {reason} is {seen}, expected {atLeast}: {(await node.AskAsync("drops")).Raw}");
    }
}
