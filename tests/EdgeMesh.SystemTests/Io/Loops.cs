using System;
using System.Diagnostics;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Underlay;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>Loops for tests: opened on the test's thread and turned by hand.</summary>
internal static class Loops
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<IoBackend> Backends =>
        [IoBackend.IoUring, IoBackend.IoUringBasic, IoBackend.Epoll];

    public static EventLoop Open(IoBackend backend)
    {
        try
        {
            return EventLoops.Open(backend);
        }
        catch (RingUnavailableException exception)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    /// <summary>Runs asynchronous work on the loop and turns the loop until it is done.</summary>
    public static T Complete<T>(this EventLoop loop, Func<Task<T>> work)
    {
        Task<T>? task = null;
        loop.Post(_ => task = work(), null);
        loop.Until(() => task is { IsCompleted: true });
        return task!.GetAwaiter().GetResult();
    }

    public static void Complete(this EventLoop loop, Func<Task> work) => loop.Complete(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Turns the loop until a condition holds.</summary>
    public static void Until(this EventLoop loop, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "the loop waits for something that does not come");
            loop.RunOnce(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Runs a test on both ends of a connection, and closes them whatever becomes of it.</summary>
    public static void WithPair(IoBackend backend, Func<TcpConnection, TcpConnection, Task> test)
    {
        using EventLoop loop = Open(backend);
        (TcpConnection near, TcpConnection far) = loop.Pair();
        try
        {
            loop.Complete(() => test(near, far));
        }
        finally
        {
            near.Dispose();
            far.Dispose();
        }
    }

    /// <summary>A connection to ourselves.</summary>
    public static (TcpConnection Near, TcpConnection Far) Pair(this EventLoop loop) => loop.Complete(async () =>
    {
        using TcpListener listener = TcpListener.Bind(loop, new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<UnderlayConnection> accept = listener.AcceptAsync(CancellationToken.None);
        TcpConnection near = await TcpConnection.ConnectAsync(loop, listener.LocalEndPoint, CancellationToken.None);
        return (near, (TcpConnection)await accept);
    });
}
