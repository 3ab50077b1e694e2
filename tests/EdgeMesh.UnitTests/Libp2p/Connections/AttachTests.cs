using System;
using System.IO.Pipelines;
using System.Threading.Tasks;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Simulation;
using EdgeMesh.UnitTests.Libp2p.Identify;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>What the peer sent before the connection was attached, and what a consumer may rely on.</summary>
public sealed class AttachTests
{
    private const string Tunnel = "/tunnel/1.0.0";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stream_that_opened_and_closed_before_is_told_after_attaching(bool isInUpgrade) =>
        SimulatedLoop.Run(async loop =>
        {
            using KeyPair key = SecuredPair.IdentityOf(2);
            Host host = HostTests.MakeHost(loop, key);
            byte[] bytes =
            [
                .. RawPeer.Frame(
                    YamuxFrameType.Data, YamuxFlags.Syn, 1, [.. RawConnection.ProposalOf(Tunnel), 1, 2, 3]),
                .. RawPeer.Frame(YamuxFrameType.WindowUpdate, YamuxFlags.Fin, 1, []),
            ];
            (IDuplexPipe _, IDuplexPipe right, LinearPipe there, LinearPipe _) = LinearPipe.MakePair(loop);
            using SecuredConnection keys = SecuredPair.Keys(isInitiator: true);
            if (!isInUpgrade)
            {
                RawPeer.Send(there.Writer, keys, bytes);
                await there.Writer.FlushAsync();
            }

            var consumer = new RecordingConsumer();
            Connection connection = host.Attach(
                right,
                SecuredPair.Keys(isInitiator: false, isInUpgrade ? bytes : []),
                RawConnection.SetupOf(Tunnel, consumer));
            Assert.Null(consumer.Stream);
            Assert.Equal(StreamEnd.None, consumer.End);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            Assert.Same(connection, consumer.Stream!.Connection);
            Assert.Equal([1, 2, 3], consumer.Received.ToArray());
            Assert.Equal(StreamEnd.RemoteFinished, consumer.End);
            connection.Abort(CloseReason.Aborted);
        });

    [Fact]
    public void A_consumer_takes_one_stream_and_the_next_is_reset() => SimulatedLoop.Run(async loop =>
    {
        var consumer = new RecordingConsumer();
        SecuredPair pair = ConnectionTests.Start(loop, setupOfRight: RawConnection.SetupOf(Tunnel, consumer));
        var ours = new RecordingConsumer();
        InlineStream first = await pair.Left.OpenInlineAsync(Tunnel, ours, default);
        await AssertRefusedAsync();
        Assert.Equal(StreamEnd.None, ours.End);
        Assert.Equal(first.Id, consumer.Stream!.Id);

        // Nor does it take another one after its stream has ended.
        first.Close();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(10));
        await AssertRefusedAsync();
        Assert.Equal(CloseReason.None, pair.Right.CloseReason);
        await pair.Left.CloseAsync();

        async Task AssertRefusedAsync()
        {
            StreamException refused = await Assert.ThrowsAsync<StreamException>(async () =>
                await pair.Left.OpenInlineAsync(Tunnel, new RecordingConsumer(), default));
            Assert.Equal(StreamEnd.RemoteReset, refused.End);
        }
    });

    [Fact]
    public void A_stream_that_is_refused_counts_once_as_a_negotiation() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop, setup: RawConnection.SetupOf(Tunnel, new RecordingConsumer()));
        uint id = 1;
        for (int i = 0; i < 20; i++, id += 2)
        {
            byte[] proposal = RawConnection.ProposalOf(Tunnel);
            await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, id, proposal));
        }

        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, raw.Connection.StreamCount);
        for (int i = 0; i < ConnectionLimits.NegotiationsMax + 10; i++, id += 2)
        {
            await raw.SendAsync(RawPeer.Frame(YamuxFrameType.WindowUpdate, YamuxFlags.Syn, id, []));
        }

        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1 + ConnectionLimits.NegotiationsMax, raw.Connection.StreamCount);
        raw.Connection.Abort(CloseReason.Aborted);
    });
}
