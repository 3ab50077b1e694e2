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
using EdgeMesh.Underlay;
using Xunit;
using TcpListener = EdgeMesh.Io.Sockets.TcpListener;

namespace EdgeMesh.SystemTests.Io;

public sealed class TcpListenerTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    public static TheoryData<IoBackend> Backends => Loops.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Every_connection_is_accepted_once_also_when_many_come_before_anyone_asks(IoBackend backend)
    {
        const int Count = 300;
        using EventLoop loop = Loops.Open(backend);
        using TcpListener listener = TcpListener.Bind(loop, AnyPort);
        List<Socket> clients = [];
        HashSet<IPEndPoint> seen = [];
        loop.Complete(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(listener.LocalEndPoint);
                clients.Add(client);
                if (i is 0 or 150)
                {
                    await AcceptAsync(); // from now on more come than are asked for
                }
            }

            while (seen.Count < Count)
            {
                await AcceptAsync();
            }
        });
        Assert.Equal(clients.Select(client => client.LocalEndPoint).ToHashSet(), [.. seen]);
        clients.ForEach(client => client.Dispose());

        async Task AcceptAsync()
        {
            var connection = (TcpConnection)await listener.AcceptAsync(CancellationToken.None);
            Assert.True(seen.Add(connection.RemoteEndPoint));
            connection.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Cancellation_that_comes_late_is_not_the_next_accepts(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        using TcpListener listener = TcpListener.Bind(loop, AnyPort);
        using CancellationTokenSource late = new();
        UnderlayConnection? accepted = null;
        Task? first = null;
        Task? second = null;
        loop.Post(_ => first = AcceptTwiceAsync(), null);
        loop.Until(() => first is not null);

        // Both at once: the connection is there, and the accept that takes it is canceled from another thread.
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint);
        Thread other = new(late.Cancel);
        other.Start();
        other.Join();
        loop.Until(() => first is { IsCompleted: true });
        Assert.NotNull(accepted); // it came before the cancellation was seen
        loop.RunOnce(TimeSpan.FromMilliseconds(10));
        Assert.False(second!.IsCompleted, $"the second accept ended: {second.Status}");
        accepted.Dispose();

        async Task AcceptTwiceAsync()
        {
            accepted = await listener.AcceptAsync(late.Token);
            second = listener.AcceptAsync(CancellationToken.None).AsTask();
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Cancelled_accept_leaves_the_next_connection_to_the_next_accept(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        using TcpListener listener = TcpListener.Bind(loop, AnyPort);
        loop.Complete(async () =>
        {
            using CancellationTokenSource cancelled = new();
            ValueTask<UnderlayConnection> accept = listener.AcceptAsync(cancelled.Token);
            ThreadPool.QueueUserWorkItem(_ => cancelled.Cancel());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await accept);
            TcpConnection near = await TcpConnection.ConnectAsync(loop, listener.LocalEndPoint, CancellationToken.None);
            var far = (TcpConnection)await listener.AcceptAsync(CancellationToken.None);
            Assert.Equal(near.LocalEndPoint, far.RemoteEndPoint);
            near.Dispose();
            far.Dispose();
        });
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Disposed_listener_tells_who_waits_and_frees_the_port(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        TcpListener listener = TcpListener.Bind(loop, AnyPort);
        loop.Complete(async () =>
        {
            ValueTask<UnderlayConnection> accept = listener.AcceptAsync(CancellationToken.None);
            listener.Dispose();
            await Assert.ThrowsAsync<TcpException>(async () => await accept);
        });
        using TcpListener again = TcpListener.Bind(loop, listener.LocalEndPoint);
        Assert.Equal(listener.LocalEndPoint, again.LocalEndPoint);
    }

    [Fact]
    public void Port_in_use_is_said_with_a_remedy()
    {
        using EventLoop loop = EventLoops.Open(IoBackend.Epoll);
        using TcpListener listener = TcpListener.Bind(loop, AnyPort);
        TcpException exception = Assert.Throws<TcpException>(() => TcpListener.Bind(loop, listener.LocalEndPoint));
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketErrorCode);
        Assert.Contains("stop the process that has it", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Refused_connect_says_who_refused(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        TcpListener listener = TcpListener.Bind(loop, AnyPort);
        IPEndPoint endPoint = listener.LocalEndPoint;
        listener.Dispose();
        TcpException exception = Assert.Throws<TcpException>(() => loop.Complete(
            async () => await TcpConnection.ConnectAsync(loop, endPoint, CancellationToken.None)));
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
        Assert.Contains(endPoint.ToString(), exception.Message, StringComparison.Ordinal);
    }

    // A full backlog lets the handshake's first packet fall, so the connect hangs until we give it up.
    [Theory]
    [MemberData(nameof(Backends))]
    public void Connect_that_hangs_is_cancelled_from_another_thread(IoBackend backend)
    {
        using EventLoop loop = Loops.Open(backend);
        using TcpListener listener = TcpListener.Bind(loop, AnyPort, backlog: 0);
        loop.Complete(async () =>
        {
            using CancellationTokenSource cancelled = new();
            Task<TcpConnection>[] attempts = [.. Enumerable.Range(0, 4).Select(
                _ => TcpConnection.ConnectAsync(loop, listener.LocalEndPoint, cancelled.Token).AsTask())];
            await loop.DelayAsync(TimeSpan.FromMilliseconds(20), CancellationToken.None);
            Assert.Contains(attempts, attempt => !attempt.IsCompleted);
            ThreadPool.QueueUserWorkItem(_ => cancelled.Cancel());
            foreach (Task<TcpConnection> attempt in attempts)
            {
                try
                {
                    (await attempt).Dispose();
                }
                catch (OperationCanceledException)
                {
                    Assert.True(cancelled.IsCancellationRequested);
                }
            }
        });
    }
}
