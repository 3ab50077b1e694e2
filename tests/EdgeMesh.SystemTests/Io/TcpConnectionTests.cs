using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

public sealed class TcpConnectionTests
{
    public static TheoryData<IoBackend> Backends => Loops.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Bytes_come_back_as_they_were_sent_and_the_end_after_them(IoBackend backend)
    {
        const int Total = 24 << 20;
        using EventLoop loop = Loops.Open(backend);
        (TcpConnection near, TcpConnection far) = loop.Pair();
        loop.Complete(async () =>
        {
            Task echo = EchoAsync(far);
            Task send = SendPatternAsync(near.Output, Total);
            Assert.Equal(Total, await ReceivePatternAsync(near.Input));
            await send;
            await echo;
        });
        near.Dispose();
        far.Dispose();
        Assert.Equal(0, near.Output.UnflushedBytes);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Unread_bytes_stay_in_one_segment_up_to_two_messages(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            byte[] bytes = [.. Enumerable.Range(0, BufferLimits.ReceiveBytes).Select(Pattern)];
            Task send = WriteAsync(near.Output, bytes);
            ReadResult read = await far.Input.ReadAsync();
            while (read.Buffer.Length < bytes.Length)
            {
                Assert.True(read.Buffer.IsSingleSegment);
                far.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await far.Input.ReadAsync();
            }

            Assert.True(read.Buffer.IsSingleSegment);
            Assert.True(read.Buffer.FirstSpan.SequenceEqual(bytes));
            far.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await far.Input.ReadAsync());
            far.Input.AdvanceTo(read.Buffer.End);
            await send;
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Flush_is_complete_at_once_when_the_socket_takes_everything(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        (TcpConnection near, TcpConnection far) = loop.Pair();
        near.Output.GetSpan(BufferLimits.MessageBytes)[..BufferLimits.MessageBytes].Fill(1);
        near.Output.Advance(BufferLimits.MessageBytes);
        Assert.Equal(BufferLimits.MessageBytes, near.Output.UnflushedBytes);
        ValueTask<FlushResult> flush = near.Output.FlushAsync();
        Assert.True(flush.IsCompletedSuccessfully);
        Assert.Equal(0, near.Output.UnflushedBytes);
        near.Dispose();
        far.Dispose();
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Flush_waits_for_a_far_end_that_does_not_read_and_more_may_be_written_meanwhile(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            int written = 0;
            ValueTask<FlushResult> flush = WriteUntilAFlushWaits(near.Output, ref written, CancellationToken.None);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await near.Output.FlushAsync());
            Fill(near.Output, BufferLimits.SendBytes, ref written);
            Assert.Throws<InvalidOperationException>(() => near.Output.GetSpan(1).Length);

            Task<int> receive = ReceivePatternAsync(far.Input);
            await flush;
            Assert.Equal(BufferLimits.SendBytes, near.Output.UnflushedBytes);
            near.Output.Complete();
            Assert.Equal(written, await receive);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Cancelled_flush_goes_on_and_the_next_one_covers_both(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            int written = 0;
            using CancellationTokenSource cancelled = new();
            ValueTask<FlushResult> flush = WriteUntilAFlushWaits(near.Output, ref written, cancelled.Token);
            ThreadPool.QueueUserWorkItem(_ => cancelled.Cancel());
            await Assert.ThrowsAsync<OperationCanceledException>(async () => await flush);
            Fill(near.Output, BufferLimits.MessageBytes, ref written);
            Task<int> receive = ReceivePatternAsync(far.Input);
            await near.Output.FlushAsync();
            Assert.Equal(0, near.Output.UnflushedBytes);
            near.Output.Complete();
            Assert.Equal(written, await receive);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Abort_ends_a_pending_read_and_resets_the_far_end(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            bool hasReturned = false;
            Task<ReadResult> read = ReadOneAsync(near.Input);
            Task<ReadResult> farRead = ReadOneAsync(far.Input);
            Task resumed = AfterAsync(read, () => Assert.True(hasReturned));
            near.Abort();
            hasReturned = true;
            await AssertResetAsync(read);
            await AssertResetAsync(farRead);
            await resumed;
            Assert.True((await near.Input.ReadAsync()).IsCompleted);
            Assert.True((await near.Output.FlushAsync()).IsCompleted);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Abort_ends_a_pending_flush(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            int written = 0;
            ValueTask<FlushResult> flush = WriteUntilAFlushWaits(near.Output, ref written, CancellationToken.None);
            near.Abort();
            TcpException exception = await Assert.ThrowsAsync<TcpException>(async () => await flush);
            Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Cancelled_read_loses_nothing(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            using CancellationTokenSource cancelled = new();
            ValueTask<ReadResult> read = near.Input.ReadAsync(cancelled.Token);
            ThreadPool.QueueUserWorkItem(_ => cancelled.Cancel());
            await Assert.ThrowsAsync<OperationCanceledException>(async () => await read);
            await WriteAsync(far.Output, new byte[] { 1, 2, 3 });
            ReadResult result = await near.Input.ReadAsync();
            Assert.Equal(3, result.Buffer.Length);
            near.Input.AdvanceTo(result.Buffer.End);

            ValueTask<ReadResult> pending = near.Input.ReadAsync();
            near.Input.CancelPendingRead();
            Assert.True((await pending).IsCanceled);
            Assert.Throws<InvalidOperationException>(near.Detach); // the kernel still has the receive
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void What_comes_behind_a_cancelled_read_that_was_consumed_is_whole(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            // A receive waits behind four bytes; then they are consumed, while it still waits.
            await WriteAsync(near.Output, "half"u8.ToArray());
            ReadResult half = await far.Input.ReadAsync();
            far.Input.AdvanceTo(half.Buffer.Start, half.Buffer.End);
            ValueTask<ReadResult> read = far.Input.ReadAsync();
            far.Input.CancelPendingRead();
            ReadResult canceled = await read;
            Assert.True(canceled.IsCanceled);
            Assert.Equal("half"u8.ToArray(), canceled.Buffer.ToArray());
            far.Input.AdvanceTo(canceled.Buffer.End);
            for (int i = 0; i < 3; i++)
            {
                await WriteAsync(near.Output, "whole"u8.ToArray());
                ReadResult whole = await far.Input.ReadAsync();
                Assert.Equal("whole"u8.ToArray(), whole.Buffer.ToArray());
                far.Input.AdvanceTo(whole.Buffer.End);
            }
        });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Echo_allocates_nothing_once_it_is_warm(IoBackend backend) =>
        Loops.WithPair(backend, async (near, far) =>
        {
            Task echo = EchoAsync(far);
            long least = long.MaxValue; // of several windows: see AllocatedBytes
            long before = 0;
            for (int round = 0; round <= 3000; round++)
            {
                if (round % 500 == 0)
                {
                    long now = GC.GetAllocatedBytesForCurrentThread();
                    least = Math.Min(least, now - before);
                    before = now;
                }

                int left = round % 2 == 0 ? 100 : BufferLimits.MessageBytes;
                near.Output.GetSpan(left)[..left].Fill(Pattern(round));
                near.Output.Advance(left);
                await near.Output.FlushAsync();
                while (left > 0)
                {
                    ReadResult read = await near.Input.ReadAsync();
                    left -= (int)read.Buffer.Length;
                    near.Input.AdvanceTo(read.Buffer.End);
                }
            }

            near.Output.Complete();
            await echo;
            Assert.Equal(0, least);
        });

    internal static async Task EchoAsync(TcpConnection connection)
    {
        while (true)
        {
            ReadResult read = await connection.Input.ReadAsync();
            if (read.Buffer.IsEmpty && read.IsCompleted)
            {
                connection.Output.Complete();
                return;
            }

            int bytes = (int)read.Buffer.Length;
            read.Buffer.FirstSpan.CopyTo(connection.Output.GetSpan(bytes));
            connection.Output.Advance(bytes);
            connection.Input.AdvanceTo(read.Buffer.End);
            await connection.Output.FlushAsync();
        }
    }

    private static async Task<ReadResult> ReadOneAsync(PipeReader reader) => await reader.ReadAsync();

    private static async Task AfterAsync(Task task, Action check)
    {
        await Task.WhenAny(task);
        check();
    }

    private static async Task AssertResetAsync(Task read)
    {
        TcpException exception = await Assert.ThrowsAsync<TcpException>(() => read);
        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        Assert.Contains("ECONNRESET", exception.Message, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(PipeWriter writer, ReadOnlyMemory<byte> bytes) =>
        await writer.WriteAsync(bytes);

    private static async Task SendPatternAsync(PipeWriter writer, int total)
    {
        int written = 0;
        for (int size = 1; written < total; size = (size * 3 % 70001) + 1)
        {
            Fill(writer, Math.Min(size, total - written), ref written);
            await writer.FlushAsync();
        }

        writer.Complete();
    }

    private static ValueTask<FlushResult> WriteUntilAFlushWaits(
        PipeWriter writer, ref int written, CancellationToken cancellationToken)
    {
        ValueTask<FlushResult> flush;
        do
        {
            Fill(writer, BufferLimits.MessageBytes, ref written);
            flush = writer.FlushAsync(cancellationToken);
        }
        while (flush.IsCompleted);

        return flush;
    }

    private static void Fill(PipeWriter writer, int bytes, ref int written)
    {
        Span<byte> span = writer.GetSpan(bytes)[..bytes];
        for (int i = 0; i < bytes; i++)
        {
            span[i] = Pattern(written + i);
        }

        writer.Advance(bytes);
        written += bytes;
    }

    private static byte Pattern(int at) => unchecked((byte)((at * 31) + (at >> 8)));

    private static async Task<int> ReceivePatternAsync(PipeReader reader)
    {
        int received = 0;
        while (true)
        {
            ReadResult read = await reader.ReadAsync();
            Check(read.Buffer.FirstSpan, received);
            received += (int)read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return received;
            }
        }
    }

    private static void Check(ReadOnlySpan<byte> bytes, int from)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != Pattern(from + i))
            {
                Assert.Fail($"byte {from + i} is wrong");
            }
        }
    }
}
