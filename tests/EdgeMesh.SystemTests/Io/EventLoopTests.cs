using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;
using Xunit;
using TcpListener = EdgeMesh.Io.Sockets.TcpListener;

namespace EdgeMesh.SystemTests.Io;

public sealed class EventLoopTests
{
    public static TheoryData<IoBackend> Backends => Loops.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Posted_work_runs_in_order_and_what_it_posts_in_the_next_iteration(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        List<int> ran = [];
        loop.Post(
            _ =>
            {
                ran.Add(1);
                loop.Post(_ => ran.Add(3), null);
            },
            null);
        loop.Post(_ => ran.Add(2), null);
        Assert.True(loop.RunOnce(TimeSpan.Zero));
        Assert.Equal([1, 2], ran);
        Assert.True(loop.RunOnce(Timeout.InfiniteTimeSpan)); // would hang if the post were forgotten
        Assert.Equal([1, 2, 3], ran);
        Assert.False(loop.RunOnce(TimeSpan.Zero));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Another_thread_wakes_a_waiting_loop_each_time(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        const int Rounds = 2000;
        int ran = 0;
        using SemaphoreSlim again = new(1);
        Thread poster = new(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                again.Wait();
                loop.Post(_ => ran++, null);
            }
        });
        poster.Start();
        for (int i = 0; i < Rounds; i++)
        {
            while (ran == i)
            {
                loop.RunOnce(TimeSpan.FromSeconds(20));
            }

            again.Release();
        }

        poster.Join();
        Assert.Equal(Rounds, ran);
    }

    // A wake-up that is reaped while a batch of the TUN is under way must not swallow what was posted.
    [Theory]
    [MemberData(nameof(Backends))]
    public void Work_posted_at_the_end_of_an_iteration_is_not_lost_when_its_wakeup_is_reaped_early(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        bool ran = false;
        loop.EndOfIteration = () =>
        {
            loop.EndOfIteration = null;
            Thread poster = new(() => loop.Post(_ => ran = true, null));
            poster.Start();
            poster.Join();
            loop.WritePackets(-1, new PacketWrite[1]); // enters the kernel and reaps
            return false;
        };
        loop.RunOnce(TimeSpan.Zero);
        loop.RunOnce(TimeSpan.FromSeconds(20));
        Assert.True(ran);
    }

    // Nothing else happens: a loop that slept would wait for all of the time that it may.
    [Theory]
    [MemberData(nameof(Backends))]
    public void Loop_does_not_sleep_while_the_end_of_the_iteration_says_that_work_is_left(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        int left = 5;
        int ends = 0;
        loop.EndOfIteration = () =>
        {
            ends++;
            return --left > 0;
        };
        loop.RunOnce(TimeSpan.Zero);
        while (left > 0)
        {
            loop.RunOnce(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(5, ends);
        Assert.Equal(TimeSpan.Zero, loop.Waited);
        loop.RunOnce(TimeSpan.FromMilliseconds(1)); // nothing is left: now it sleeps
        Assert.True(loop.Waited > TimeSpan.Zero);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Awaits_of_ordinary_tasks_come_back_to_the_loop(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        int threadBefore = Environment.CurrentManagedThreadId;
        int threadAfter = loop.Complete(async () =>
        {
            await Task.Run(() => Thread.Yield());
            return Environment.CurrentManagedThreadId;
        });
        Assert.Equal(threadBefore, threadAfter);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Stop_from_another_thread_ends_a_waiting_run(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        using CancellationTokenSource stop = new();
        loop.Post(_ => ThreadPool.QueueUserWorkItem(_ => stop.Cancel()), null);
        loop.Run(stop.Token);
        Assert.True(stop.IsCancellationRequested);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Timers_run_in_the_order_they_are_due(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        List<int> ran = [];
        LoopTimer[] timers = [.. Enumerable.Range(0, 20).Select(i => loop.CreateTimer(_ => ran.Add(i), null))];
        for (int i = timers.Length - 1; i >= 0; i--)
        {
            timers[i].Schedule(loop.Now + TimeSpan.FromMilliseconds(1 + (i / 4.0)));
        }

        timers[7].Cancel();
        timers[3].Schedule(loop.Now + TimeSpan.FromMilliseconds(8)); // later than it was
        loop.Until(() => ran.Count == timers.Length - 1);
        Assert.Equal([.. Enumerable.Range(0, 20).Where(i => i is not (7 or 3)), 3], ran);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Timer_that_is_due_at_once_again_does_not_hold_up_the_rest(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        int fired = 0;
        LoopTimer? timer = null;
        timer = loop.CreateTimer(
            _ =>
            {
                fired++;
                timer!.Schedule(loop.Now);
            },
            null);
        timer.Schedule(loop.Now);
        loop.RunOnce(TimeSpan.Zero);
        Assert.Equal(1, fired);
        loop.RunOnce(Timeout.InfiniteTimeSpan);
        Assert.Equal(2, fired);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Scheduling_timers_and_waiting_allocates_nothing(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        int fired = 0;
        LoopTimer timer = loop.CreateTimer(_ => fired++, null);
        long allocated = loop.Complete(async () =>
        {
            long least = long.MaxValue; // of several rounds: see AllocatedBytes
            for (int round = 0; round < 6; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 100; i++)
                {
                    timer.Schedule(loop.Now);
                    await loop.DelayAsync(TimeSpan.FromMicroseconds(20), CancellationToken.None);
                }

                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        });
        Assert.Equal(600, fired);
        Assert.Equal(0, allocated);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Delay_takes_its_time_and_can_be_cancelled_from_any_thread(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        Instant start = loop.Now;
        loop.Complete(async () => await loop.DelayAsync(TimeSpan.FromMilliseconds(5), CancellationToken.None));
        Assert.True(loop.Now - start >= TimeSpan.FromMilliseconds(5));

        using CancellationTokenSource cancelled = new();
        Assert.Throws<OperationCanceledException>(() => loop.Complete(async () =>
        {
            ValueTask delay = loop.DelayAsync(TimeSpan.FromHours(1), cancelled.Token);
            ThreadPool.QueueUserWorkItem(_ => cancelled.Cancel());
            await delay;
        }));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Iterations_do_not_nest(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        loop.Post(_ => loop.RunOnce(TimeSpan.Zero), null);
        Assert.Throws<InvalidOperationException>(() => loop.RunOnce(TimeSpan.Zero));
        loop.Post(_ => loop.Dispose(), null);
        Assert.Throws<InvalidOperationException>(() => loop.RunOnce(TimeSpan.Zero));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Disposing_the_loop_ends_what_is_pending_with_an_error(IoBackend backend)
    {
        EventLoop loop = Loops.Open(backend);
        (TcpConnection near, TcpConnection far) = loop.Pair();
        TcpListener listener = TcpListener.Bind(loop, new IPEndPoint(IPAddress.Loopback, 0));
        Task[] pending = [];
        loop.Post(
            _ => pending =
            [
                near.Input.ReadAsync().AsTask(),
                far.Input.ReadAsync().AsTask(),
                listener.AcceptAsync(CancellationToken.None).AsTask(),
            ],
            null);
        loop.RunOnce(TimeSpan.Zero);
        loop.RunOnce(TimeSpan.Zero);
        loop.Dispose();
        foreach (Task task in pending)
        {
            Assert.True(task.IsFaulted);
            TcpException exception = Assert.IsType<TcpException>(task.Exception!.InnerException);
            Assert.Equal(SocketError.OperationAborted, exception.SocketErrorCode);
        }

        near.Dispose();
        far.Dispose();
        listener.Dispose();
        loop.Post(_ => Assert.Fail("a closed loop runs nothing"), null);
        loop.Dispose();
    }

    [Fact]
    public void Basic_ring_has_nothing_of_newer_kernels()
    {
        using EventLoop loop = Loops.Open(IoBackend.IoUringBasic);
        Assert.Equal("io_uring", loop.BackendName);
        Assert.Empty(loop.Features);
    }

    [Fact]
    public void Auto_takes_a_ring_where_there_is_one()
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Auto);
        Assert.Contains(loop.BackendName, (string[])["io_uring", "epoll"]);
        Assert.NotEmpty(loop.Features);
    }
}
