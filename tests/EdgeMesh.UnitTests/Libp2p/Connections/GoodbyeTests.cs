using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>How a connection says that it ends, and how the other end hears it.</summary>
public sealed class GoodbyeTests
{
    private const string NormalGoAway = "000300000000000000000000";

    [Theory]
    [InlineData(CloseReason.ProtocolViolation, 1u)]
    [InlineData(CloseReason.InternalError, 2u)]
    [InlineData(CloseReason.Replaced, 0u)]
    [InlineData(CloseReason.Unwelcome, 0u)]
    public void The_peer_is_told_why(CloseReason reason, uint code) => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, RawConnection.EchoProposal));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        await raw.ReadFramesAsync();
        await raw.Connection.EndAsync(reason);
        Assert.Equal(reason, raw.Connection.CloseReason);
        List<YamuxHeader> frames = await raw.ReadFramesAsync();
        var goAway = new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, code);
        Assert.Equal(goAway, frames[0]);
        Assert.True(code == 0 || frames.Count == 1, "a violation is the last word");
    });

    [Fact]
    public void A_violation_that_a_consumer_sees_ends_the_connection_for_both() => SimulatedLoop.Run(async loop =>
    {
        var theirs = new RecordingConsumer();
        SecuredPair pair = ConnectionTests.Start(loop, setupOfRight: RawConnection.SetupOf("/tunnel", theirs));
        theirs.OnReceive = () => _ = theirs.Stream!.Connection.EndAsync(CloseReason.ProtocolViolation).AsTask();
        var ours = new RecordingConsumer();
        InlineStream stream = await pair.Left.OpenInlineAsync("/tunnel", ours, default);
        Assert.True(stream.TryWrite(new byte[YamuxHeader.SizeBytes + 10]));
        stream.Flush();
        await pair.Right.RunAsync(default);
        Assert.Equal(CloseReason.ProtocolViolation, pair.Right.CloseReason);
        Assert.Equal(StreamEnd.ConnectionEnded, theirs.End);
        await pair.Left.RunAsync(default);
        Assert.Equal(CloseReason.RemoteProtocolError, pair.Left.CloseReason);
        Assert.Equal(StreamEnd.ConnectionEnded, ours.End);
    });

    [Theory]
    [InlineData(true, CloseReason.RemoteClosed)]
    [InlineData(false, CloseReason.TransportFailed)]
    public void A_reset_is_ordinary_after_a_goodbye_only(bool isSaid, CloseReason reason) =>
        SimulatedLoop.Run(async loop =>
        {
            var wire = new Pipe();
            var raw = new RawConnection(loop, input: wire.Reader);
            string said = isSaid ? NormalGoAway : "000200010000000000000007";
            RawPeer.Send(wire.Writer, raw.Keys, Convert.FromHexString(said));
            await wire.Writer.FlushAsync();
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            await wire.Writer.CompleteAsync(new IOException("connection reset by peer"));
            await raw.Connection.RunAsync(default);
            Assert.Equal(reason, raw.Connection.CloseReason);
            Assert.Equal(isSaid, raw.Connection.Failure is null);
        });

    [Fact]
    public void A_message_cut_short_is_ordinary_after_a_goodbye() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        await raw.SendAsync(Convert.FromHexString(NormalGoAway));
        raw.Wire.Writer.Write(RawPeer.Seal(raw.Keys, new byte[12]).AsSpan(0, 5));
        await raw.Wire.Writer.CompleteAsync();
        await raw.Connection.RunAsync(default);
        Assert.Equal(CloseReason.RemoteClosed, raw.Connection.CloseReason);
    });

    [Theory]
    [InlineData(true, CloseReason.RemoteClosed)]
    [InlineData(false, CloseReason.TransportFailed)]
    public void Who_can_not_write_any_more_still_reads_why(bool isSaid, CloseReason reason) =>
        SimulatedLoop.Run(async loop =>
        {
            // The peer said goodbye and closed; our write meets its reset before our read gets to the goodbye.
            var raw = new RawConnection(loop, output: new BrokenWriter());
            await raw.SendAsync(Convert.FromHexString("000200010000000000000007"));
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            Assert.Equal(CloseReason.None, raw.Connection.CloseReason);
            if (isSaid)
            {
                await raw.SendAsync(Convert.FromHexString(NormalGoAway));
                await raw.Wire.Writer.CompleteAsync();
            }

            long begin = loop.Now;
            await raw.Connection.RunAsync(default);
            Assert.Equal(reason, raw.Connection.CloseReason);
            Assert.InRange(loop.Now - begin, 0, 1_010_000_000);
        });

    [Fact]
    public void Streams_that_wait_to_write_are_not_asked_for_ever_when_nobody_takes_it() =>
        SimulatedLoop.Run(async loop =>
        {
            var raw = new RawConnection(loop, output: new BrokenWriter());
            await raw.SendAsync(
                RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, [.. RawConnection.EchoProposal, 1, 2, 3]));
            await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.None, 1, new byte[1000]));
            await raw.Connection.RunAsync(default);
            Assert.Equal(CloseReason.TransportFailed, raw.Connection.CloseReason);
        });

    [Fact]
    public void A_goodbye_alone_lets_streams_finish() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, RawConnection.EchoProposal));
        await raw.SendAsync(Convert.FromHexString(NormalGoAway));
        await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Fin, 1, [1, 2, 3]));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(5));
        Assert.Equal(CloseReason.None, raw.Connection.CloseReason);
        Assert.Contains(
            await raw.ReadFramesAsync(),
            frame => frame.StreamId == 1 && frame.Type == YamuxFrameType.Data && frame.Length == 3);
        await raw.Wire.Writer.CompleteAsync();
        await raw.Connection.RunAsync(default);
        Assert.Equal(CloseReason.RemoteClosed, raw.Connection.CloseReason);
    });
}
