using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Control;
using EdgeMesh.Underlay;
using EdgeMesh.UnitTests.Dataplane.Model;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Control;

public sealed class ControlRequestsTests
{
    [Fact]
    public async Task Reconnect_to_a_node_that_the_mesh_does_not_have_is_refused()
    {
        await using HandNode node = new();
        node.Apply(hasPeer: true);
        RequestRefusedException refused = await RefusedAsync(node, "n7");
        Assert.Equal(ErrorCode.NotFound, refused.Code);
        Assert.Contains("n7", refused.Message, StringComparison.Ordinal);
        Assert.Contains("edgemesh peers", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconnect_that_leads_nowhere_says_why()
    {
        await using HandNode node = new();
        node.Apply(hasPeer: true);
        RequestRefusedException refused = await RefusedAsync(node, "n1");
        Assert.Equal(ErrorCode.Unreachable, refused.Code);
        Assert.Contains("n1: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconnect_ends_with_its_time()
    {
        await using HandNode node = new(new SilentTransport());
        node.Apply(hasPeer: true, "/ip4/192.0.2.1/tcp/20006");
        RequestRefusedException refused = await RefusedAsync(node, "n1", milliseconds: 20);
        Assert.Equal(ErrorCode.Unreachable, refused.Code);
        Assert.Contains("within 0.02 s", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_question_gets_its_answer()
    {
        await using HandNode node = new();
        node.Apply(hasPeer: true);
        Assert.Equal("n0", (await AskAsync(node, new Request { Status = new() })).Status.Node);
        Assert.Equal("n1", Assert.Single((await AskAsync(node, new Request { Peers = new() })).Peers.Peers_).Name);
        Assert.Equal(2, (await AskAsync(node, new Request { Routes = new() })).Routes.Routes_.Count);
        Assert.NotEmpty((await AskAsync(node, new Request { Drops = new() })).Drops.Drops_);
        RequestRefusedException unknown =
            await Assert.ThrowsAsync<RequestRefusedException>(() => AskAsync(node, new Request()));
        Assert.Equal(ErrorCode.Unsupported, unknown.Code);
    }

    private static Task<Response> AskAsync(HandNode node, Request request) => node.RunAsync(
        new ControlRequests(node.Node).HandleAsync(request, default!, CancellationToken.None).AsTask());

    private static Task<RequestRefusedException> RefusedAsync(HandNode node, string name, uint milliseconds = 0)
    {
        ReconnectRequest reconnect = new() { Node = name, TimeoutMilliseconds = milliseconds };
        return Assert.ThrowsAsync<RequestRefusedException>(
            () => AskAsync(node, new Request { Reconnect = reconnect }));
    }

    // Whoever is dialed never answers.
    private sealed class SilentTransport : Transport
    {
        public override bool Handles(Multiaddr address) => true;

        public override ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(
            Multiaddr address, CancellationToken cancellationToken) => new([address]);

        public override async ValueTask<UnderlayConnection> DialAsync(
            Multiaddr address, CancellationToken cancellationToken)
        {
            TaskCompletionSource<UnderlayConnection> never = new();
            return await never.Task.WaitAsync(cancellationToken);
        }

        public override UnderlayListener Listen(Multiaddr address) => throw new NotSupportedException();
    }
}
