using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Tun;
using EdgeMesh.Packets;
using EdgeMesh.UnitTests.Io;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>A device as a pipe: batches of the device become sequences with one segment a packet.</summary>
public sealed class TunPipeTests : IDisposable
{
    private readonly EventLoop _loop = EventLoops.Open(IoBackend.Epoll);
    private readonly PacketPool _pool = new(4 * Limits.BlockBytes);
    private readonly HandFedDevice _device;
    private readonly TunPipe _pipe;

    public TunPipeTests()
    {
        _device = new HandFedDevice(_pool);
        _pipe = new TunPipe(_loop, _device, _pool);
    }

    public void Dispose()
    {
        _pipe.Input.Complete();
        _pipe.Output.Complete();
        _device.Dispose();
        _loop.Dispose();
        Assert.Equal(0, _pool.RentedBytes); // whatever the test did, nothing is left behind
    }

    [Fact]
    public void Each_packet_is_one_segment_and_stays_until_it_is_consumed() => _loop.Complete(async () =>
    {
        ValueTask<ReadResult> reading = _pipe.Input.ReadAsync();
        _device.Feed([1, 1], [2], [3, 3, 3]);
        ReadResult first = await reading;
        Assert.Equal([[1, 1], [2], [3, 3, 3]], SegmentsOf(first.Buffer));
        Assert.Equal(6, first.Buffer.Length);

        _pipe.Input.AdvanceTo(first.Buffer.GetPosition(2));
        ReadResult second = await _pipe.Input.ReadAsync();
        Assert.False(_device.IsRead, "what is there comes before what is still to be read");
        Assert.Equal([[2], [3, 3, 3]], SegmentsOf(second.Buffer));

        _pipe.Input.AdvanceTo(second.Buffer.GetPosition(2)); // within the last packet: it stays whole
        Assert.True(_pipe.Input.TryRead(out ReadResult third));
        Assert.Equal([[3, 3, 3]], SegmentsOf(third.Buffer));
        _pipe.Input.AdvanceTo(third.Buffer.End);
        Assert.False(_pipe.Input.TryRead(out _));
        Assert.Equal(0, _pool.RentedBytes);
    });

    [Fact]
    public void Read_that_was_given_up_leaves_its_packets_to_the_next_one() => _loop.Complete(async () =>
    {
        using CancellationTokenSource end = new();
        ValueTask<ReadResult> reading = _pipe.Input.ReadAsync(end.Token);
        ThreadPool.QueueUserWorkItem(_ => end.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);

        ValueTask<ReadResult> next = _pipe.Input.ReadAsync();
        _pipe.Input.CancelPendingRead();
        Assert.True((await next).IsCanceled);

        next = _pipe.Input.ReadAsync();
        _device.Feed([7]);
        ReadResult read = await next;
        Assert.Equal([[7]], SegmentsOf(read.Buffer));
        _pipe.Input.AdvanceTo(read.Buffer.End);
    });

    [Fact]
    public void Closed_device_ends_the_pipe_and_a_broken_one_breaks_it() => _loop.Complete(async () =>
    {
        ValueTask<ReadResult> reading = _pipe.Input.ReadAsync();
        _device.Fail(new IOException("the link is gone"));
        Assert.Equal("the link is gone", (await Assert.ThrowsAsync<IOException>(async () => await reading)).Message);
        Assert.Throws<IOException>(() => _pipe.Input.TryRead(out _));

        TunPipe other = new(_loop, _device, _pool);
        reading = other.Input.ReadAsync();
        _device.Dispose();
        Assert.True((await reading).IsCompleted);
    });

    [Fact]
    public void Packets_that_come_after_the_last_reader_left_go_back_to_the_pool() => _loop.Complete(async () =>
    {
        ValueTask<ReadResult> reading = _pipe.Input.ReadAsync();
        _pipe.Input.CancelPendingRead();
        Assert.True((await reading).IsCanceled);
        await _pipe.Input.CompleteAsync();
        _device.Feed([1], [2]);
        Assert.Equal(0, _pool.RentedBytes);
    });

    [Fact]
    public void What_is_written_before_a_flush_is_one_packet() => _loop.Complete(async () =>
    {
        await _pipe.Output.FlushAsync(); // nothing is no packet
        _pipe.Output.Write<byte>([1, 2]);
        _pipe.Output.Write<byte>([3]);
        await _pipe.Output.FlushAsync();
        await _pipe.Output.WriteAsync(new byte[] { 4 });
        Assert.Equal([[1, 2, 3], [4]], _device.Written);
        Assert.Equal(2, _device.Flushes);
        _pipe.Output.Write<byte>([5]); // never flushed
    });

    private static List<byte[]> SegmentsOf(ReadOnlySequence<byte> sequence)
    {
        List<byte[]> segments = [];
        foreach (ReadOnlyMemory<byte> segment in sequence)
        {
            segments.Add(segment.ToArray());
        }

        return segments;
    }
}
