using System;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SystemTests.Fixtures;
using EdgeMesh.UnitTests.Libp2p.Connections;
using Xunit;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>
/// Tunnel streams of a member that end too early or begin wrongly. The lab is drawn at <see cref="MeshFixture"/>.
/// </summary>
public sealed class TunnelStreamTests(CraftedPeerFixture fixture) : IClassFixture<CraftedPeerFixture>
{
    private const string Own = "10.244.90.1";
    private const string Pod = "10.244.1.11";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_that_end_at_once_leave_nothing_and_the_next_one_works(bool isReset)
    {
        fixture.RequireMesh();
        const int Rounds = 50;
        double before = await StreamsAsync();
        for (int round = 0; round < Rounds; round++)
        {
            // Within one batch of what the node reads, or not: both must be well.
            await Task.Run(() => Run(hello: null, async (peer, _) => await peer.Stream.Output.CompleteAsync(
                isReset ? new OperationCanceledException("the test resets it") : null)));
        }

        await Task.Run(() => Run(hello: null, async (peer, cancellation) =>
        {
            await peer.SendAsync(CraftedPeer.CapsuleOf(0, CraftedPacket.Ping(Own, Pod, 11)), cancellation);
            Assert.True(await peer.ReceiveAsync(packet => CraftedPacket.IsPong(packet, 11), Patience), "no answer");
        }));
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => await StreamsAsync() == before && !await IsConnectedAsync("crafted"), Patience),
            $"{before} streams before, then:\n{(await fixture.Cloud.AskAsync("peers")).Raw}");
        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData(YamuxFlags.Rst)]
    [InlineData(YamuxFlags.Fin)]
    public async Task Stream_that_comes_and_goes_with_the_handshake_takes_its_connection_along(YamuxFlags end)
    {
        fixture.RequireMesh();
        const uint Stream = 1;
        byte[] frames =
        [
            .. RawPeer.Frame(
                YamuxFrameType.Data, YamuxFlags.Syn, Stream,
                [.. Line("/multistream/1.0.0"), .. Line(CraftedPeer.TunnelProtocol), .. CraftedPeer.ProperHello()]),
            .. RawPeer.Frame(YamuxFrameType.Data, end, Stream, []),
        ];
        const int Rounds = 5; // not each time everything is there when the connection moves to its worker
        for (int round = 0; round < Rounds; round++)
        {
            bool isEnded = await Task.Run(() => CraftedPeer.RunAtOnce(
                fixture.Lab.Host("stranger"), fixture.Identity,
                new IPEndPoint(fixture.Cloud.Node.Plan.Underlay, MeshNode.ListenPort), fixture.Cloud.PeerId, frames,
                Patience));
            Assert.True(isEnded, $"round {round}: the connection still stands\n{fixture.Cloud.Dataplane!.Log}");
        }

        Assert.True(
            await Eventually.IsTrueAsync(async () => !await IsConnectedAsync("crafted"), Patience),
            (await fixture.Cloud.AskAsync("peers")).Raw);
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Peer_that_says_another_nodes_name_hears_that_it_broke_the_protocol()
    {
        fixture.RequireMesh();
        byte[] hello = new byte[Hello.BytesMax];
        hello = hello[..new Hello { NodeName = "edge-b", Features = (HelloFeatures)7 }.Write(hello)];
        CloseReason reason = CloseReason.None;
        await Task.Run(() => Run(hello, async (peer, cancellation) =>
        {
            var ended = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = peer.Connection.Ended.Register(ended.SetResult);
            await Task.WhenAny(ended.Task, Task.Delay(Patience, cancellation));
            reason = peer.Connection.CloseReason;
        }));
        Assert.Equal(CloseReason.RemoteProtocolError, reason);
    }

    // A line of multistream-select: its length first, one byte here.
    private static byte[] Line(string text) => [(byte)(text.Length + 1), .. Encoding.ASCII.GetBytes(text), (byte)'\n'];

    private async Task<double> StreamsAsync() =>
        new MetricsPage(await fixture.Cloud.MetricsAsync()).Sum("edgemesh_streams");

    private async Task<bool> IsConnectedAsync(string peer) =>
        (await fixture.Cloud.AskAsync("peers")).Items("peers").Single(item => item.Text("name") == peer)
            .Text("state") == "connected";

    private void Run(byte[]? hello, Func<CraftedPeer, CancellationToken, Task> actAsync) => CraftedPeer.Run(
        fixture.Lab.Host("stranger"),
        fixture.Identity,
        new IPEndPoint(fixture.Cloud.Node.Plan.Underlay, MeshNode.ListenPort),
        fixture.Cloud.PeerId,
        hello,
        actAsync);
}
