using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

public sealed class WaiterTests
{
    [Fact]
    public void Waiting_again_and_again_with_a_token_allocates_nothing()
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        using CancellationTokenSource token = new();
        Waiter<int> waiter = new(loop);
        long sum = 0;
        long allocated = loop.Complete(async () =>
        {
            long least = long.MaxValue; // of several rounds: see AllocatedBytes
            for (int round = 0; round < 6; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 1000; i++)
                {
                    ValueTask<int> wait = waiter.Wait(token.Token);
                    waiter.End(i);
                    sum += await wait;
                }

                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        });
        Assert.Equal(6 * 999 * 1000 / 2, sum);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Cancellation_of_a_wait_that_is_over_does_not_end_the_next_one()
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        using CancellationTokenSource first = new();
        using CancellationTokenSource second = new();
        Waiter<int> waiter = new(loop);
        Task<int> wait = waiter.Wait(first.Token).AsTask();
        first.Cancel(); // posted: the loop has not seen it yet
        waiter.End(1);
        Assert.True(wait.IsCompletedSuccessfully);

        wait = waiter.Wait(second.Token).AsTask();
        loop.RunOnce(TimeSpan.Zero);
        Assert.True(waiter.IsWaiting);
        second.Cancel();
        loop.RunOnce(TimeSpan.Zero);
        Assert.False(waiter.IsWaiting);
        Assert.True(wait.IsCanceled);
    }

    [Fact]
    public void Failed_wait_throws_and_the_next_one_is_fresh()
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        Waiter<int> waiter = new(loop);
        Task<int> wait = waiter.Wait(CancellationToken.None).AsTask();
        waiter.Fail(new IOException());
        Assert.IsType<IOException>(wait.Exception!.InnerException);
        wait = waiter.Wait(CancellationToken.None).AsTask();
        Assert.False(wait.IsCompleted);
        waiter.End(2);
        Assert.True(wait.IsCompletedSuccessfully);
    }
}
