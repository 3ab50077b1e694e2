using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>Peers that break the rules, and networks that fail: each ends what it must, and is named.</summary>
public sealed class ConnectionFailureTests
{
    public static TheoryData<string, CloseReason> Violations => new()
    {
        { "010000000000000100000000", CloseReason.UnknownVersion },
        { "000700000000000100000000", CloseReason.UnknownFrameType },
        { "000000000000000000000001", CloseReason.WrongStreamZero },
        { "000100010000000200000000", CloseReason.WrongParity },
        { "000100010000000100000000000100010000000100000000", CloseReason.StreamIdReused },
        { "000100010000000100000000000000000000000100040001", CloseReason.WindowOverrun },
        { "0001000100000001ffffffff", CloseReason.WindowOverflow },
        { "000300000000000000000001", CloseReason.RemoteProtocolError },
        { "000300000000000000000002", CloseReason.RemoteInternalError },
        { "0003000000000000000000ff", CloseReason.RemoteInternalError },
        { string.Concat(Enumerable.Repeat("000200010000000000000007", 300)), CloseReason.PingFlood },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void A_violation_ends_the_connection_by_name(string hex, CloseReason reason) =>
        SimulatedLoop.Run(async loop =>
        {
            var raw = new RawConnection(loop);
            await raw.SendAsync(Convert.FromHexString(hex));
            await raw.Connection.RunAsync(default);
            Assert.Equal(reason, raw.Connection.CloseReason);
            if (reason < CloseReason.RemoteProtocolError || reason > CloseReason.RemoteInternalError)
            {
                YamuxHeader last = (await raw.ReadFramesAsync()).Last();
                Assert.Equal(new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, 1), last);
            }
        });

    [Fact]
    public void A_violation_in_single_bytes_is_the_same() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        byte[] bytes = RawPeer.Seal(raw.Keys, Convert.FromHexString("000100010000000200000000"));
        foreach (byte one in bytes)
        {
            raw.Wire.Writer.Write(new[] { one });
            await raw.Wire.Writer.FlushAsync();
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        }

        await raw.Connection.RunAsync(default);
        Assert.Equal(CloseReason.WrongParity, raw.Connection.CloseReason);
    });

    [Fact]
    public void A_message_that_was_tampered_with_ends_the_connection() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        byte[] bytes = RawPeer.Seal(raw.Keys, new byte[12]);
        bytes[7] ^= 1;
        raw.Wire.Writer.Write(bytes);
        await raw.Wire.Writer.FlushAsync();
        await raw.Connection.RunAsync(default);
        Assert.Equal(CloseReason.DecryptFailure, raw.Connection.CloseReason);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void A_message_shorter_than_its_tag_ends_the_connection(byte length) => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        raw.Wire.Writer.Write(new byte[] { 0, length }.Concat(new byte[length]).ToArray());
        await raw.Wire.Writer.FlushAsync();
        await raw.Connection.RunAsync(default);
        Assert.Equal(CloseReason.DecryptFailure, raw.Connection.CloseReason);
    });

    [Theory]
    [InlineData(0, CloseReason.RemoteClosed)]
    [InlineData(1, CloseReason.Truncated)]
    [InlineData(20, CloseReason.Truncated)]
    public void The_end_of_the_transport_is_told_from_a_truncated_message(int bytes, CloseReason reason) =>
        SimulatedLoop.Run(async loop =>
        {
            var raw = new RawConnection(loop);
            raw.Wire.Writer.Write(RawPeer.Seal(raw.Keys, new byte[12]).AsSpan(0, bytes));
            await raw.Wire.Writer.CompleteAsync();
            await raw.Connection.RunAsync(default);
            Assert.Equal(reason, raw.Connection.CloseReason);
        });

    [Fact]
    public void An_empty_message_means_nothing() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        await raw.SendAsync([]);
        await loop.DelayAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(CloseReason.None, raw.Connection.CloseReason);
        raw.Connection.Abort(CloseReason.None);
        Assert.Equal(CloseReason.Aborted, raw.Connection.CloseReason);
    });

    [Fact]
    public void A_reset_of_the_transport_ends_the_connection_and_its_streams() => SimulatedLoop.Run(async loop =>
    {
        var link = new SimulatedLink(loop, new Random(1), new SimulatedLinkOptions());
        ConnectionOptions options = ConnectionTests.Options(loop);
        var pair = new SecuredPair(link.Left, link.Right, options, options);
        _ = pair.Right.RunAsync(default);
        _ = pair.Left.RunAsync(default);
        MuxedStream stream = await pair.Left.OpenStreamAsync("/echo/1.0.0", default);
        link.Cut();
        await pair.Left.RunAsync(default);
        Assert.Equal(CloseReason.TransportFailed, pair.Left.CloseReason);
        Assert.NotNull(pair.Left.Failure);
        Assert.Equal(StreamEnd.ConnectionEnded, stream.End);
        await Assert.ThrowsAsync<StreamException>(async () => await stream.Input.ReadAsync());
        await Assert.ThrowsAsync<StreamException>(async () =>
            await pair.Left.OpenStreamAsync("/echo/1.0.0", default));
    });

    [Fact]
    public void A_peer_that_vanishes_is_noticed_by_the_next_ping() => SimulatedLoop.Run(async loop =>
    {
        var link = new SimulatedLink(loop, new Random(1), new SimulatedLinkOptions());
        ConnectionOptions options = ConnectionTests.Options(loop);
        var pair = new SecuredPair(link.Left, link.Right, options, options);
        _ = pair.Right.RunAsync(default);
        _ = pair.Left.RunAsync(default);
        await loop.DelayAsync(TimeSpan.FromSeconds(100));
        Assert.Equal(CloseReason.None, pair.Left.CloseReason);
        Assert.Equal(TimeSpan.FromMilliseconds(2), pair.Left.RoundTrip);
        long silentSince = loop.Now;
        link.Silence();
        await pair.Left.RunAsync(default);
        Assert.Equal(CloseReason.KeepAliveTimeout, pair.Left.CloseReason);
        Assert.InRange(loop.Now - silentSince, 3_500_000_000, 5_510_000_000);
        long otherAt = loop.Now;
        await pair.Right.RunAsync(default);
        Assert.InRange(loop.Now - silentSince, otherAt - silentSince, 6_010_000_000);
    });

    [Fact]
    public void A_peer_whose_kernel_still_acknowledges_is_not_given_up_so_soon() => SimulatedLoop.Run(async loop =>
    {
        var link = new SimulatedLink(loop, new Random(1), new SimulatedLinkOptions());
        ConnectionOptions options = ConnectionTests.Options(loop);
        var setup = new ConnectionSetup { Liveness = new AcknowledgingKernel(loop) };
        var pair = new SecuredPair(link.Left, link.Right, options, options, setup, setup);
        _ = pair.Right.RunAsync(default);
        _ = pair.Left.RunAsync(default);
        await loop.DelayAsync(TimeSpan.FromSeconds(10));
        long silentSince = loop.Now;
        link.Silence();
        await pair.Left.RunAsync(default);
        Assert.Equal(CloseReason.KeepAliveTimeout, pair.Left.CloseReason);
        Assert.InRange(loop.Now - silentSince, 30_000_000_000, 32_500_000_000);
    });

    [Fact]
    public void An_idle_connection_wakes_for_its_pings_only() => SimulatedLoop.Run(async loop =>
    {
        var link = new SimulatedLink(loop, new Random(1), new SimulatedLinkOptions());
        var time = new SimulatedTime(loop);
        ConnectionOptions counted = ConnectionTests.Options(loop) with { Time = time };
        var pair = new SecuredPair(link.Left, link.Right, counted, counted);
        _ = pair.Right.RunAsync(default);
        _ = pair.Left.RunAsync(default);
        await loop.DelayAsync(TimeSpan.FromSeconds(10));
        long wakes = time.Wakes;
        long sent = pair.Left.SentBytes + pair.Right.SentBytes;
        await loop.DelayAsync(TimeSpan.FromSeconds(60));

        // A ping each 2 s, and the other end looks about as often whether there was one.
        Assert.InRange(time.Wakes - wakes, 50, 66);
        Assert.InRange(pair.Left.SentBytes + pair.Right.SentBytes - sent, 1, 33 * 2 * 30);
        pair.Left.Abort(CloseReason.Aborted);
        pair.Right.Abort(CloseReason.Aborted);
    });

    [Fact]
    public void A_transport_that_takes_nothing_ends_the_connection() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop, pauseBytes: 1);
        long begin = loop.Now;
        raw.SendInBackground(loop);
        await raw.Connection.RunAsync(default);
        Assert.Equal(CloseReason.WriteTimeout, raw.Connection.CloseReason);
        Assert.InRange(loop.Now - begin, 60_000_000_000, 63_000_000_000);
    });

    [Fact]
    public void A_negotiation_that_goes_nowhere_is_reset_in_time() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, [19, (byte)'/']));
        await loop.DelayAsync(TimeSpan.FromSeconds(9));
        Assert.Equal(1, raw.Connection.StreamCount);
        await loop.DelayAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(0, raw.Connection.StreamCount);
        Assert.Contains(await raw.ReadFramesAsync(), frame => frame.Has(YamuxFlags.Rst));
        raw.Connection.Abort(CloseReason.Aborted);
    });

    [Fact]
    public void What_is_no_negotiation_is_reset() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, [255, 255, 255]));
        await raw.SendAsync(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn | YamuxFlags.Fin, 3, []));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, raw.Connection.StreamCount);
        Assert.Equal(CloseReason.None, raw.Connection.CloseReason);
        List<YamuxHeader> frames = await raw.ReadFramesAsync();
        Assert.Equal([1u, 3u], frames.Where(frame => frame.Has(YamuxFlags.Rst)).Select(frame => frame.StreamId));
        raw.Connection.Abort(CloseReason.Aborted);
    });

    [Fact]
    public void Negotiations_at_once_are_limited() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop);
        for (uint i = 0; i < ConnectionLimits.NegotiationsMax + 10; i++)
        {
            await raw.SendAsync(RawPeer.Frame(YamuxFrameType.WindowUpdate, YamuxFlags.Syn, 1 + (2 * i), []));
        }

        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ConnectionLimits.NegotiationsMax, raw.Connection.StreamCount);

        // Their timeout frees them all.
        await loop.DelayAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(0, raw.Connection.StreamCount);
        await raw.SendAsync(RawPeer.Frame(YamuxFrameType.WindowUpdate, YamuxFlags.Syn, 1001, []));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, raw.Connection.StreamCount);
        raw.Connection.Abort(CloseReason.Aborted);
    });

    [Fact]
    public void A_peer_that_opens_and_resets_without_reading_ends_at_a_limit() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop, pauseBytes: 1);
        for (uint id = 1; raw.Connection.CloseReason == CloseReason.None && id < 100_000; id += 2)
        {
            await raw.SendAsync(
            [
                .. RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, id, RawConnection.EchoProposal),
                .. RawPeer.Frame(YamuxFrameType.WindowUpdate, YamuxFlags.Rst, id, []),
            ]);
            loop.RunPosted();
        }

        Assert.Equal(CloseReason.OpenFlood, raw.Connection.CloseReason);
        Assert.InRange(
            raw.Back.WaitingBytes, 0, ConnectionLimits.UnflushedBytesMax + (2 * ConnectionLimits.ControlReserveBytes));
        await raw.Connection.RunAsync(default);
    });

    [Fact]
    public void A_goodbye_leaves_behind_a_flush_that_is_on_its_way() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop, pauseBytes: 1);
        await raw.SendAsync(Convert.FromHexString("000200010000000000000007"));
        loop.RunPosted();
        ValueTask closing = raw.Connection.CloseAsync();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(YamuxFrameType.Ping, Assert.Single(await raw.ReadFramesAsync()).Type);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(YamuxFrameType.GoAway, Assert.Single(await raw.ReadFramesAsync()).Type);
        await closing;
        Assert.Equal(CloseReason.Closed, raw.Connection.CloseReason);
    });

    [Fact]
    public void A_goodbye_to_a_peer_that_does_not_read_takes_a_second() => SimulatedLoop.Run(async loop =>
    {
        var raw = new RawConnection(loop, pauseBytes: 1);
        await raw.SendAsync(Convert.FromHexString("000200010000000000000007"));
        loop.RunPosted();
        long begin = loop.Now;
        await raw.Connection.CloseAsync();
        Assert.InRange(loop.Now - begin, 900_000_000, 1_100_000_000);
    });

    [Fact]
    public void Streams_that_hold_too_much_unread_are_reset_one_by_one() => SimulatedLoop.Run(async loop =>
    {
        SecuredPair pair = ConnectionTests.Start(loop, options => options with
        {
            UnreadBytesMax = 400_000,
            Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
            {
                ["/lazy"] = (_, stop) => loop.DelayAsync(TimeSpan.FromHours(1), stop),
            },
        });
        MuxedStream first = await pair.Left.OpenStreamAsync("/lazy", default);
        MuxedStream second = await pair.Left.OpenStreamAsync("/lazy", default);
        ValueTask<FlushResult> writeFirst = first.Output.WriteAsync(new byte[200_000]);
        ValueTask<FlushResult> writeSecond = second.Output.WriteAsync(new byte[250_000]);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(100));
        await writeFirst;
        Assert.True((await writeSecond).IsCompleted);
        Assert.Equal(StreamEnd.None, first.End);
        Assert.Equal(StreamEnd.RemoteReset, second.End);
        await pair.Left.CloseAsync();
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_stream_held_unread_is_free_again_when_it_is_reset(bool isBeingRead) =>
        SimulatedLoop.Run(async loop =>
    {
        SecuredPair pair = ConnectionTests.Start(loop, options => options with
        {
            UnreadBytesMax = 400_000,
            Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
            {
                ["/gives-up"] = async (stream, stop) =>
                {
                    await loop.DelayAsync(TimeSpan.FromMilliseconds(50), stop);
                    if (isBeingRead)
                    {
                        ReadResult read = await stream.Input.ReadAsync(stop);
                        stream.Reset();
                        stream.Input.AdvanceTo(read.Buffer.End);
                    }

                    throw new OperationCanceledException();
                },
            },
        });
        for (int i = 0; i < 5; i++)
        {
            MuxedStream stream = await pair.Left.OpenStreamAsync("/gives-up", default);
            await stream.Output.WriteAsync(new byte[200_000]);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(40));
            Assert.Equal((i, StreamEnd.None), (i, stream.End));
            await loop.DelayAsync(TimeSpan.FromMilliseconds(40));
            Assert.Equal((i, StreamEnd.RemoteReset), (i, stream.End));
        }

        Assert.Equal(0, pair.Right.UnreadBytes);
        await pair.Left.CloseAsync();
    });

    [Fact]
    public void A_handler_that_throws_resets_its_stream_and_is_counted() => SimulatedLoop.Run(async loop =>
    {
        Exception? told = null;
        SecuredPair pair = ConnectionTests.Start(loop, options => options with
        {
            HandlerFailed = (_, failure) => told = failure,
            Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
            {
                ["/bug"] = (_, _) => throw new InvalidOperationException("a bug"),
            },
        });
        MuxedStream stream = await pair.Left.OpenStreamAsync("/bug", default);
        await Assert.ThrowsAsync<StreamException>(async () => await stream.Input.ReadAsync());
        Assert.Equal(1, pair.Right.HandlerFailures);
        Assert.Equal("a bug", told!.Message);
        Assert.Equal(CloseReason.None, pair.Right.CloseReason);
        await pair.Left.CloseAsync();
    });
}
