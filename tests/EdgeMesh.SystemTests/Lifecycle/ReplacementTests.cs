using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Perf.Lab;
using EdgeMesh.SystemTests.Fixtures;
using EdgeMesh.SystemTests.Traffic;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>
/// The only connection to a peer is replaced again and again under traffic. The lab is drawn at
/// <see cref="MeshFixture"/>.
/// </summary>
public sealed class ReplacementTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private const int Replacements = 100;
    private const int DatagramBytes = 200;
    private const double DatagramsPerSecond = 2000;
    private const long StreamBytes = 4L << 30; // at most 12.5 MB/s: it lasts longer than the patience
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180); // each replacement is a run of the CLI

    [Fact]
    public async Task Hundred_replacements_lose_no_packet_and_repeat_none()
    {
        fixture.RequireMesh();
        using var limit = new CancellationTokenSource(Patience);
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Plan.Address4, 0)));
        using Socket stream = await from.Network.ConnectAsync(sink.EndPoint, limit.Token);
        using var streamEnd = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        Task streaming = StreamAsync(stream, streamEnd.Token);
        using UdpPair pair = await UdpPair.OpenAsync(from, to);
        var sent = new FlowCounters();
        var arrived = new SequenceWatch();
        var sendingEnd = new StopFlag();
        var receivingEnd = new StopFlag();
        Task receiving = LabThread.Run("paced arrive", () => arrived.ReceiveAll(pair.Far, receivingEnd));
        Task sending = LabThread.Run(
            "paced leave", () => UdpFlow.Send(pair.Near, DatagramBytes, DatagramsPerSecond, sent, sendingEnd));
        try
        {
            await ReplaceAllAsync(limit.Token);
        }
        finally
        {
            sendingEnd.Set();
            await sending;
            await Task.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None);
            receivingEnd.Set();
            await receiving;
        }

        long streamed = sink.Bytes;
        Assert.True(
            await Eventually.IsTrueAsync(() => Task.FromResult(sink.Bytes > streamed), TimeSpan.FromSeconds(5)),
            "the TCP flow stands still");
        await streamEnd.CancelAsync();
        await streaming;
        Assert.Equal((sent.Packets, 0), (arrived.Arrived, arrived.Repeated));
        await AssertOnePathAsync();
    }

    private async Task ReplaceAllAsync(CancellationToken stop)
    {
        MeshNode node = fixture.Mesh.Node("edge-a");
        for (int i = 0; i < Replacements; i++)
        {
            CommandResult answer = await node.RunCliAsync("reconnect", "cloud-1");
            Assert.True(answer.IsSuccess, $"replacement {i}: {answer.Output}{answer.ErrorOutput}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), stop);
        }
    }

    private async Task AssertOnePathAsync()
    {
        string last = "";
        foreach ((string node, string peer) in ((string, string)[])[("edge-a", "cloud-1"), ("cloud-1", "edge-a")])
        {
            Assert.True(
                await Eventually.IsTrueAsync(
                    async () =>
                    {
                        CliView view = (await fixture.Mesh.Node(node).AskAsync("peers")).Items("peers")
                            .Single(item => item.Text("name") == peer);
                        last = view.Raw;
                        return view.Text("state") == "connected" && view.Count("lanes") == 1;
                    },
                    TimeSpan.FromSeconds(5)),
                last);
        }
    }

    private static async Task StreamAsync(Socket socket, CancellationToken end)
    {
        byte[] block = new byte[125_000];
        var pause = TimeSpan.FromMilliseconds(10);
        try
        {
            for (long sent = 0; sent < StreamBytes; sent += block.Length)
            {
                await socket.SendAsync(block, SocketFlags.None, end);
                await Task.Delay(pause, end);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
