using System;
using System.Buffers.Binary;
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

namespace EdgeMesh.SystemTests.Lanes;

/// <summary>Several connections between two nodes, one per worker. Each test leaves two lanes everywhere.</summary>
public sealed class LaneTests(TwoWorkersFixture fixture) : IClassFixture<TwoWorkersFixture>
{
    private const long BytesPerSecond = 20_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TransferTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Two_lanes_come_up_between_any_two_nodes()
    {
        fixture.RequireMesh();
        await WaitForLanesAsync();
        foreach (MeshNode node in fixture.Mesh.Nodes)
        {
            CliView status = await node.StatusAsync();
            Assert.Equal(2, status.Count("peers_connected"));
            string metrics = await node.MetricsAsync();
            Assert.Contains(
                "edgemesh_peers{state=\"connected\",path=\"direct\"} 2\n", metrics, StringComparison.Ordinal);
            foreach (MeshNode other in fixture.Mesh.Nodes.Where(other => other != node))
            {
                Assert.Equal(2, (await UnderlayConnection.ListAsync(node, other)).Count);
            }
        }
    }

    [Fact]
    public async Task Flows_go_over_both_lanes_and_arrive_unchanged()
    {
        fixture.RequireMesh();
        await WaitForLanesAsync();
        MeshNode from = fixture.Mesh.Node("edge-a");
        MeshNode to = fixture.Mesh.Node("cloud-1");
        Dictionary<IPEndPoint, long> before = (await UnderlayConnection.ListAsync(from, to))
            .ToDictionary(lane => lane.Local, lane => lane.BytesSent);

        // The kernel hashes flows to queues: that all of sixteen go to one happens once in 32 768 runs.
        const long BytesEach = 4 << 20;
        TransferResult[] results = await Task.WhenAll(Enumerable.Range(0, 16).Select(
            seed => TransferAsync("edge-a-pod1", "cloud-1-pod1", seed, BytesEach)));
        Assert.All(results, result => Assert.True(result.IsIntact));
        IReadOnlyList<UnderlayConnection> after = await UnderlayConnection.ListAsync(from, to);
        Assert.Equal(before.Keys.Select(lane => lane.Port).Order(), after.Select(lane => lane.Local.Port).Order());
        Assert.All(after, lane => Assert.InRange(
            lane.BytesSent - before[lane.Local], BytesEach, 16 * BytesEach * 11 / 10));
    }

    [Fact]
    public async Task Packets_of_a_flow_arrive_in_their_order()
    {
        fixture.RequireMesh();
        await WaitForLanesAsync();
        const int Flows = 6;
        const int PacketsEach = 5_000;
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        int[][] arrived = await Task.WhenAll(Enumerable.Range(0, Flows).Select(
            _ => SendNumberedAsync(fixture.Lab.Pod("edge-a-pod1"), to, PacketsEach)));
        Assert.All(arrived, numbers =>
        {
            Assert.InRange(numbers.Length, PacketsEach / 2, PacketsEach);
            Assert.Equal(numbers.Order(), numbers);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Transfer_goes_on_when_a_lane_breaks_and_the_lane_comes_back(int which)
    {
        fixture.RequireMesh();
        await WaitForLanesAsync();
        MeshNode from = fixture.Mesh.Node("edge-a");
        MeshNode to = fixture.Mesh.Node("cloud-1");
        (TransferResult[] results, TimeSpan stall) = await TransferWhileAsync("edge-a-pod1", "cloud-1-pod1", async () =>
        {
            IReadOnlyList<UnderlayConnection> lanes = await UnderlayConnection.ListAsync(from, to);
            UnderlayConnection broken = lanes.OrderBy(lane => lane.Local.Port).ElementAt(which);
            await broken.BreakAsync(from);
            Assert.True(await Eventually.IsTrueAsync(
                async () =>
                {
                    IReadOnlyList<UnderlayConnection> now = await UnderlayConnection.ListAsync(from, to);
                    return now.Count == 2 && !now.Any(
                        lane => lane.Local.Equals(broken.Local) && lane.Remote.Equals(broken.Remote));
                },
                Patience), "the lane did not come back");
        });
        Assert.All(results, result => Assert.True(result.IsIntact));
        Assert.True(stall < TimeSpan.FromSeconds(2), $"all transfers stood still for {stall}");
        await WaitForLanesAsync();
    }

    [Fact]
    public async Task Connections_of_pods_survive_a_killed_and_restarted_dataplane_and_both_lanes_come_back()
    {
        fixture.RequireMesh();
        await WaitForLanesAsync();
        MeshNode node = fixture.Mesh.Node("edge-a");
        (TransferResult[] results, TimeSpan stall) = await TransferWhileAsync("edge-a-pod1", "cloud-1-pod1", async () =>
        {
            await node.Dataplane!.KillAsync();
            node.StartDataplane();
        });
        Assert.All(results, result => Assert.True(result.IsIntact));
        Assert.True(stall < TimeSpan.FromSeconds(5), $"the transfers stood still for {stall}");
        await WaitForLanesAsync();
    }

    [Fact]
    public async Task Node_with_one_worker_has_one_lane_to_nodes_with_two_and_every_flow_gets_through()
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-b");
        await RestartAsync(node, workers: 1);
        try
        {
            await fixture.Mesh.WaitUntilConnectedAsync();
            Assert.True(await Eventually.IsTrueAsync(
                async () => (await LanesAsync(node)).SequenceEqual([1, 1]), Patience));
            MeshNode other = fixture.Mesh.Node("cloud-1");
            Assert.True(await Eventually.IsTrueAsync(
                async () => (await LanesAsync(other)).Order().SequenceEqual([1, 2]), Patience));
            TransferResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).SelectMany(seed => new[]
            {
                TransferAsync("edge-b-pod1", "cloud-1-pod1", seed, 1 << 20),
                TransferAsync("cloud-1-pod1", "edge-b-pod2", seed, 1 << 20),
            }));
            Assert.All(results, result => Assert.True(result.IsIntact));
            Assert.Single(await UnderlayConnection.ListAsync(node, other));
        }
        finally
        {
            await RestartAsync(node, workers: 2);
        }

        await WaitForLanesAsync();
    }

    private static async Task RestartAsync(MeshNode node, int workers)
    {
        node.Options = node.Options with { Workers = workers };
        await node.Dataplane!.StopAsync();
        node.StartDataplane();
    }

    private async Task WaitForLanesAsync()
    {
        await fixture.Mesh.WaitUntilConnectedAsync();
        foreach (MeshNode node in fixture.Mesh.Nodes)
        {
            IReadOnlyList<long> lanes = [];
            Assert.True(
                await Eventually.IsTrueAsync(
                    async () => (lanes = await LanesAsync(node)).SequenceEqual([2, 2]), Patience),
                $"{node.Name} has {string.Join(" and ", lanes)} lanes");
        }
    }

    private static async Task<IReadOnlyList<long>> LanesAsync(MeshNode node) =>
        [.. (await node.AskAsync("peers")).Items("peers").Select(peer => peer.Count("lanes"))];

    private async Task<TransferResult> TransferAsync(string from, string to, int seed, long bytes)
    {
        LabPod target = fixture.Lab.Pod(to);
        using var limit = new CancellationTokenSource(TransferTimeout);
        await using var sink = new TcpSink(target.Network.Listen(new IPEndPoint(target.Plan.Address4, 0)));
        using Socket socket = await fixture.Lab.Pod(from).Network.ConnectAsync(sink.EndPoint, limit.Token);
        return await TcpSource.SendAsync(socket, seed, bytes, progress: null, limit.Token);
    }

    // Four flows send for some seconds; something happens to the mesh in the middle.
    private async Task<(TransferResult[] Results, TimeSpan Stall)> TransferWhileAsync(
        string from, string to, Func<Task> disturbance)
    {
        const int Flows = 4;
        LabPod source = fixture.Lab.Pod(from);
        LabPod target = fixture.Lab.Pod(to);
        using var limit = new CancellationTokenSource(TransferTimeout);
        await using var sink = new TcpSink(target.Network.Listen(new IPEndPoint(target.Plan.Address4, 0)));
        await using var watch = new StallWatch(() => sink.Bytes);
        Task<TransferResult>[] sending = [.. Enumerable.Range(0, Flows).Select(async seed =>
        {
            using Socket socket = await source.Network.ConnectAsync(sink.EndPoint, limit.Token);
            return await TcpSource.SendAsync(
                socket, seed, BytesPerSecond, progress: null, limit.Token, BytesPerSecond / Flows);
        })];
        Assert.True(await Eventually.IsTrueAsync(
            () => Task.FromResult(sink.Bytes > BytesPerSecond), TimeSpan.FromSeconds(20)));
        await disturbance();
        TransferResult[] results = await Task.WhenAll(sending);
        return (results, await watch.StopAsync());
    }

    private static async Task<int[]> SendNumberedAsync(LabPod from, LabPod to, int packets)
    {
        using Socket sink = to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0));
        using Socket source = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sink.ReceiveBufferSize = 4 << 20;
        source.Connect(sink.LocalEndPoint!);
        Task<int[]> receiving = Task.Run(() =>
        {
            var numbers = new List<int>();
            byte[] buffer = new byte[2048];
            sink.ReceiveTimeout = 2_000;
            try
            {
                while (numbers.Count < packets)
                {
                    Assert.Equal(1000, sink.Receive(buffer));
                    numbers.Add(BinaryPrimitives.ReadInt32LittleEndian(buffer));
                }
            }
            catch (SocketException late) when (late.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                // Some were lost.
            }

            return numbers.ToArray();
        });
        byte[] payload = new byte[1000];
        for (int i = 0; i < packets; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, i);
            await source.SendAsync(payload);
            if (i % 32 == 31)
            {
                await Task.Delay(1); // so that most get through
            }
        }

        return await receiving;
    }
}
