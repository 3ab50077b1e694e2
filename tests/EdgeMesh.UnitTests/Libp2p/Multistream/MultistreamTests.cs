using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Multistreams;
using EdgeMesh.UnitTests.Libp2p.Security;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Multistreams;

public sealed class MultistreamTests
{
    public MultistreamTests() => SynchronizationContext.SetSynchronizationContext(null);

    [Fact]
    public async Task Both_ends_agree_and_what_follows_stays_in_the_pipe()
    {
        (LinkEnd a, LinkEnd b) = LinkEnd.Pair();
        ValueTask<string> select = Multistream.SelectAsync(a, ["/a", "/b"], CancellationToken.None);
        ValueTask<string> handle = Multistream.HandleAsync(b, static id => id == "/b", CancellationToken.None);
        Assert.Equal("/b", await select);
        Assert.Equal("/b", await handle);

        await a.Output.WriteAsync("data"u8.ToArray());
        Assert.True(b.Input.TryRead(out ReadResult result));
        Assert.Equal("data"u8, result.Buffer.ToArray());
    }

    [Fact]
    public async Task Application_data_and_fin_in_the_first_flight_are_left_for_the_application()
    {
        (LinkEnd a, LinkEnd b) = LinkEnd.Pair();
        await a.Output.WriteAsync(
            (byte[])[.. ScriptedPeer.Multistream("/multistream/1.0.0", "/a"), 1, 2, 3]);
        await a.Output.CompleteAsync();

        Assert.Equal("/a", await Multistream.HandleAsync(b, static id => id == "/a", CancellationToken.None));
        ReadResult result = await b.Input.ReadAsync();
        Assert.Equal([1, 2, 3], result.Buffer.ToArray());
        Assert.True(result.IsCompleted);
        b.Input.AdvanceTo(result.Buffer.End);

        // Header and agreement left in one piece.
        byte[] answer = ScriptedPeer.Multistream("/multistream/1.0.0", "/a");
        Assert.True(a.Input.TryRead(out ReadResult answered));
        Assert.Equal(answer, answered.Buffer.ToArray());
    }

    [Fact]
    public async Task Data_behind_the_answer_is_left_for_the_initiator()
    {
        (LinkEnd a, LinkEnd b) = LinkEnd.Pair();
        ValueTask<string> select = Multistream.SelectAsync(a, ["/a"], CancellationToken.None);
        await b.Output.WriteAsync((byte[])[.. ScriptedPeer.Multistream("/multistream/1.0.0", "/a"), 9]);
        Assert.Equal("/a", await select);
        Assert.True(a.Input.TryRead(out ReadResult result));
        Assert.Equal([9], result.Buffer.ToArray());
    }

    [Fact]
    public async Task Responder_speaks_first_when_nothing_has_come()
    {
        (LinkEnd a, LinkEnd b) = LinkEnd.Pair();
        ValueTask<string> handle = Multistream.HandleAsync(b, static _ => true, CancellationToken.None);
        Assert.True(a.Input.TryRead(out ReadResult result));
        Assert.Equal(ScriptedPeer.Multistream("/multistream/1.0.0"), result.Buffer.ToArray());
        a.Input.AdvanceTo(result.Buffer.End);
        await a.Output.CompleteAsync();
        MultistreamException error = await Assert.ThrowsAsync<MultistreamException>(async () => await handle);
        Assert.Equal(MultistreamState.Closed, error.State);
    }

    [Fact]
    public async Task Initiator_without_a_match_throws()
    {
        (LinkEnd a, LinkEnd b) = LinkEnd.Pair();
        ValueTask<string> select = Multistream.SelectAsync(a, ["/a"], CancellationToken.None);
        await b.Output.WriteAsync(ScriptedPeer.Multistream("/multistream/1.0.0", "na"));
        MultistreamException error = await Assert.ThrowsAsync<MultistreamException>(async () => await select);
        Assert.Equal(MultistreamState.NoCommonProtocol, error.State);
    }

    [Fact]
    public async Task Peer_that_reads_no_more_closes_the_negotiation()
    {
        (LinkEnd a, LinkEnd b) = LinkEnd.Pair();
        await b.Input.CompleteAsync();
        MultistreamException error = await Assert.ThrowsAsync<MultistreamException>(
            async () => await Multistream.SelectAsync(a, ["/a"], CancellationToken.None));
        Assert.Equal(MultistreamState.Closed, error.State);
    }

    [Fact]
    public async Task Canceled_read_is_a_cancellation()
    {
        (LinkEnd a, LinkEnd _) = LinkEnd.Pair();
        ValueTask<string> select = Multistream.SelectAsync(a, ["/a"], CancellationToken.None);
        a.Input.CancelPendingRead();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await select);
    }
}
