using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

public sealed class InlineStreamTests
{
    private const string Tunnel = "/tunnel/1.0.0";
    private const int FrameBytes = YamuxHeader.SizeBytes + 1400;

    [Fact]
    public void Frames_arrive_in_order_and_batches_end_before_the_buffer_is_reused() => SimulatedLoop.Run(async loop =>
    {
        (SecuredPair pair, RecordingConsumer ours, RecordingConsumer theirs) = await OpenAsync(loop);
        byte[] sent = ConnectionTests.Bytes(300_000);
        await WriteAllAsync(loop, ours, sent);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal(sent, theirs.Received.ToArray());
        Assert.Equal(0, theirs.Open);
        Assert.InRange(theirs.Batches, 1, 300);

        // The other direction too.
        await WriteAllAsync(loop, theirs, sent);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal(sent, ours.Received.ToArray());
        pair.Left.Abort(CloseReason.Replaced);
        Assert.Equal(StreamEnd.ConnectionEnded, ours.End);
        Assert.Equal(CloseReason.Replaced, pair.Left.CloseReason);
    });

    [Fact]
    public void Writing_and_receiving_allocate_nothing() => SimulatedLoop.Run(async loop =>
    {
        var theirs = new CountingConsumer();
        ConnectionOptions options = ConnectionTests.Options(loop) with
        {
            // The clock's ticks allocate, once a second; time stands still here.
            Yamux = new YamuxSessionOptions { KeepAliveInterval = TimeSpan.Zero },
        };
        (IDuplexPipe left, IDuplexPipe right, _, _) = LinearPipe.MakePair(loop);
        ConnectionSetup setup = RawConnection.SetupOf(Tunnel, theirs);
        var pair = new SecuredPair(left, right, options, options, rightSetup: setup);
        _ = pair.Left.RunAsync(default);
        _ = pair.Right.RunAsync(default);
        var ours = new CountingConsumer();
        InlineStream stream = await pair.Left.OpenInlineAsync(Tunnel, ours, default);
        byte[] frame = new byte[FrameBytes];
        const int Batch = 64;
        const int Batches = 1000;
        Pass(100);
        int passed = 100;
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            Pass(Batches);
            passed += Batches;
        }));
        Assert.Equal((long)passed * Batch * (FrameBytes - YamuxHeader.SizeBytes), theirs.Bytes);

        void Pass(int batches)
        {
            for (int i = 0; i < batches; i++)
            {
                for (int j = 0; j < Batch; j++)
                {
                    Assert.True(stream.TryWrite(frame));
                }

                stream.Flush();
                loop.RunPosted();
            }
        }
    });

    [Fact]
    public void The_output_is_bounded_and_closed_while_a_flush_waits_and_the_refused_are_told_once() =>
        SimulatedLoop.Run(async loop =>
        {
            var theirs = new RecordingConsumer();
            ConnectionOptions options = ConnectionTests.Options(loop);
            (IDuplexPipe left, IDuplexPipe right, LinearPipe there, _) =
                LinearPipe.MakePair(loop, pauseBytes: 1);
            ConnectionSetup setup = RawConnection.SetupOf(Tunnel, theirs);
            var pair = new SecuredPair(left, right, options, options, rightSetup: setup);
            _ = pair.Left.RunAsync(default);
            _ = pair.Right.RunAsync(default);
            var ours = new RecordingConsumer();
            InlineStream stream = await pair.Left.OpenInlineAsync(Tunnel, ours, default);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));

            byte[] frame = new byte[FrameBytes];
            int written = 0;
            while (stream.TryWrite(frame))
            {
                written++;
            }

            Assert.InRange(stream.WritableBytes, 0, frame.Length);
            Assert.InRange(
                there.WaitingBytes, ConnectionLimits.UnflushedBytesMax / 2, ConnectionLimits.UnflushedBytesMax);
            stream.Flush();

            // Nothing runs in between, so nothing is read, and the flush waits: packets had better wait in their
            // queues.
            Assert.Equal(0, stream.WritableBytes);
            Assert.False(stream.TryWrite(frame));
            Assert.Equal(0, ours.WritableCalls);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(10));
            Assert.Equal(1, ours.WritableCalls);
            Assert.Equal(written * (FrameBytes - YamuxHeader.SizeBytes), theirs.Received.Length);
        });

    [Fact]
    public void Who_wants_to_write_more_is_told_at_the_next_byte_and_not_before() => SimulatedLoop.Run(async loop =>
    {
        var consumer = new RecordingConsumer();
        var raw = new RawConnection(loop, setup: RawConnection.SetupOf(Tunnel, consumer));
        await raw.SendAsync(
            RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, RawConnection.ProposalOf(Tunnel)));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        InlineStream stream = consumer.Stream!;
        byte[] frame = new byte[YamuxHeader.SizeBytes + YamuxLimits.PayloadBytesMax];
        while (stream.WritableBytes > 1000)
        {
            Assert.True(stream.TryWrite(frame.AsSpan(0, YamuxHeader.SizeBytes + Math.Min(
                YamuxLimits.PayloadBytesMax, stream.WritableBytes - 100))));
            stream.Flush();
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            await raw.ReadFramesAsync();
        }

        int free = stream.WritableBytes;
        Assert.InRange(free, 1, 1000);
        stream.WantToWrite();
        int calls = consumer.WritableCalls;
        stream.Flush();
        await raw.SendAsync(Convert.FromHexString("000200010000000000000007"));
        await loop.DelayAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(calls, consumer.WritableCalls);

        // Each byte granted is told, once, and only while the consumer wants it.
        for (int i = 1; i <= 3; i++)
        {
            consumer.OnWritable = stream.WantToWrite;
            await raw.SendAsync(Convert.FromHexString("000100000000000100000001"));
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            Assert.Equal((calls + i, free + i), (consumer.WritableCalls, stream.WritableBytes));
        }

        // What is written meanwhile lowers what "more" is.
        Assert.True(stream.TryWrite(frame.AsSpan(0, YamuxHeader.SizeBytes + free)));
        consumer.OnWritable = null;
        stream.Flush();
        await raw.SendAsync(Convert.FromHexString("000100000000000100000001"));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal((calls + 4, 4), (consumer.WritableCalls, stream.WritableBytes));
        await raw.SendAsync(Convert.FromHexString("000100000000000100000001"));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(calls + 4, consumer.WritableCalls);
        raw.Connection.Abort(CloseReason.Aborted);
    });

    [Fact]
    public void A_peer_that_grants_no_credit_stops_us_at_its_window() => SimulatedLoop.Run(async loop =>
    {
        // The other side takes the stream as an ordinary one and never reads.
        SecuredPair pair = ConnectionTests.Start(loop, options => options with
        {
            Handlers = new Dictionary<string, Func<MuxedStream, System.Threading.CancellationToken, Task>>(
                StringComparer.Ordinal)
            {
                [Tunnel] = (_, stop) => loop.DelayAsync(TimeSpan.FromHours(1), stop),
            },
        });
        var ours = new RecordingConsumer();
        InlineStream stream = await pair.Left.OpenInlineAsync(Tunnel, ours, default);
        long written = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] frame = new byte[FrameBytes];
            written += stream.TryWrite(frame) ? frame.Length - YamuxHeader.SizeBytes : 0;
            stream.Flush();
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(written, YamuxLimits.InitialWindowBytes - (2 * FrameBytes), YamuxLimits.InitialWindowBytes);
        Assert.Equal(0, ours.WritableCalls);
        await pair.Left.CloseAsync();
    });

    [Fact]
    public void Bytes_behind_the_negotiation_reach_the_consumer_even_in_one_flight() => SimulatedLoop.Run(async loop =>
    {
        var theirs = new RecordingConsumer();
        ConnectionOptions options = ConnectionTests.Options(loop);
        (IDuplexPipe left, IDuplexPipe right, LinearPipe there, LinearPipe back) =
            LinearPipe.MakePair(loop);
        _ = left;
        _ = back;
        using EdgeMesh.Libp2p.Security.SecuredConnection keys = SecuredPair.Keys(isInitiator: true);
        var connection = new Connection(
            right, SecuredPair.Keys(isInitiator: false), options, RawConnection.SetupOf(Tunnel, theirs));
        _ = connection.RunAsync(default);
        byte[] payload = [.. RawConnection.ProposalOf(Tunnel), 1, 2, 3];
        RawPeer.Send(there.Writer, keys, RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, payload));
        RawPeer.Send(there.Writer, keys, RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Fin, 1, [4, 5]));
        await there.Writer.FlushAsync();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal([1, 2, 3, 4, 5], theirs.Received.ToArray());
        Assert.Equal(StreamEnd.RemoteFinished, theirs.End);
        Assert.Equal(0, theirs.Open);
        Assert.Equal(0, connection.StreamCount);
        connection.Abort(CloseReason.Aborted);
    });

    [Fact]
    public void Closing_finishes_the_stream_on_both_sides() => SimulatedLoop.Run(async loop =>
    {
        (SecuredPair pair, RecordingConsumer ours, RecordingConsumer theirs) = await OpenAsync(loop);
        ours.Stream!.Close();
        Assert.Equal(StreamEnd.Closed, ours.End);
        Assert.False(ours.Stream.TryWrite(new byte[FrameBytes]));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(10));
        Assert.Equal(StreamEnd.RemoteFinished, theirs.End);
        Assert.Equal(0, pair.Left.StreamCount);
        Assert.Equal(0, pair.Right.StreamCount);
        await pair.Left.CloseAsync();
    });

    [Fact]
    public void A_reset_ends_the_stream_on_both_sides_at_once() => SimulatedLoop.Run(async loop =>
    {
        (SecuredPair pair, RecordingConsumer ours, RecordingConsumer theirs) = await OpenAsync(loop);
        theirs.OnReceive = () => theirs.Stream!.Reset();
        await WriteAllAsync(loop, ours, new byte[100]);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(10));
        Assert.Equal(StreamEnd.Reset, theirs.End);
        Assert.Equal(StreamEnd.RemoteReset, ours.End);
        Assert.Equal(CloseReason.None, pair.Left.CloseReason);
        await pair.Left.CloseAsync();
    });

    [Fact]
    public void A_consumer_that_throws_ends_its_connection() => SimulatedLoop.Run(async loop =>
    {
        (SecuredPair pair, RecordingConsumer ours, RecordingConsumer theirs) = await OpenAsync(loop);
        theirs.OnReceive = () => throw new InvalidOperationException("a bug");
        await WriteAllAsync(loop, ours, new byte[100]);
        await pair.Right.RunAsync(default);
        Assert.Equal(CloseReason.InternalError, pair.Right.CloseReason);
        Assert.Equal("a bug", pair.Right.Failure!.Message);
        await pair.Left.RunAsync(default);
        Assert.Equal(StreamEnd.ConnectionEnded, ours.End);
    });

    [Fact]
    public void Neither_ordinary_nor_inline_streams_starve_the_other() => SimulatedLoop.Run(async loop =>
    {
        (SecuredPair pair, RecordingConsumer ours, RecordingConsumer theirs) = await OpenAsync(loop);
        MuxedStream ordinary = await pair.Left.OpenStreamAsync("/echo/1.0.0", default);
        long ordinaryBytes = 0;
        bool isOver = false;
        byte[] frame = new byte[FrameBytes];
        ours.OnWritable = WriteInline;
        WriteInline();
        Task write = WriteOrdinaryAsync();
        Task read = ReadOrdinaryAsync();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(500));
        isOver = true;
        double share = (double)ordinaryBytes / (ordinaryBytes + theirs.Received.Length);
        Assert.InRange(share, 0.05, 0.95);
        await pair.Left.CloseAsync();
        await Assert.ThrowsAnyAsync<StreamException>(() => read);
        await write;

        void WriteInline()
        {
            while (!isOver && ours.Stream!.TryWrite(frame))
            {
                // Until refused.
            }

            ours.Stream!.Flush();
        }

        async Task WriteOrdinaryAsync()
        {
            byte[] bytes = new byte[65536];
            while (!(await ordinary.Output.WriteAsync(bytes)).IsCompleted)
            {
                ordinaryBytes += bytes.Length;
            }
        }

        async Task ReadOrdinaryAsync()
        {
            while (true)
            {
                ReadResult result = await ordinary.Input.ReadAsync();
                ordinary.Input.AdvanceTo(result.Buffer.End);
            }
        }
    });

    private static async Task<(SecuredPair Pair, RecordingConsumer Ours, RecordingConsumer Theirs)> OpenAsync(
        SimulatedLoop loop)
    {
        var theirs = new RecordingConsumer();
        var ours = new RecordingConsumer();
        SecuredPair pair = ConnectionTests.Start(
            loop,
            link: new SimulatedLinkOptions { PieceBytesMax = 5000 },
            setupOfRight: RawConnection.SetupOf(Tunnel, theirs));
        InlineStream stream = await pair.Left.OpenInlineAsync(Tunnel, ours, default);
        Assert.Same(stream, ours.Stream);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(5));
        Assert.NotNull(theirs.Stream);
        return (pair, ours, theirs);
    }

    private static async Task WriteAllAsync(SimulatedLoop loop, RecordingConsumer consumer, byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i += FrameBytes)
        {
            byte[] frame = [.. new byte[YamuxHeader.SizeBytes], .. bytes[i..Math.Min(i + FrameBytes, bytes.Length)]];
            while (!consumer.Stream!.TryWrite(frame))
            {
                consumer.Stream.Flush();
                await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            }
        }

        consumer.Stream!.Flush();
    }
}
