using System;
using System.Diagnostics;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Native;
using EdgeMesh.Native.Sockets;

namespace EdgeMesh.Io.Sockets;

/// <summary>Accepts TCP connections on one loop.</summary>
/// <remarks>
/// Where the kernel can, one submission brings connection after connection. It stops when <see
/// cref="TcpLimits.AcceptedMax"/> wait here, and goes on when somebody asks again: those behind wait in the kernel's
/// backlog.
/// </remarks>
public sealed class TcpListener : IDisposable
{
    private readonly AcceptOperation _accept;
    private readonly EventLoop _loop;
    private readonly int _descriptor;
    private TaskCompletionSource<TcpConnection>? _waiter;
    private bool _isDisposed;

    private TcpListener(EventLoop loop, int descriptor)
    {
        _loop = loop;
        _descriptor = descriptor;
        LocalEndPoint = TcpSocket.LocalEndPoint(descriptor);
        _accept = new AcceptOperation(this) { Kind = OperationKind.Accept, Descriptor = descriptor };
    }

    /// <summary>Where it listens; the port is the real one, also if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Listens at an endpoint, on the loop's thread.</summary>
    /// <exception cref="TcpException">The endpoint can't be had.</exception>
    public static TcpListener Bind(EventLoop loop, IPEndPoint endPoint, int backlog = TcpLimits.Backlog)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(endPoint);
        int descriptor = TcpSocket.Create(endPoint.AddressFamily);
        if (descriptor < 0)
        {
            throw new TcpException(-descriptor, $"listening at {endPoint}");
        }

        TcpSocket.SetCongestionControl(descriptor, TcpLimits.CongestionControlOfShortPath);
        int result = TcpSocket.Listen(descriptor, endPoint, backlog);
        if (result < 0)
        {
            TcpSocket.Close(descriptor);
            throw new TcpException(-result, $"listening at {endPoint}");
        }

        return new TcpListener(loop, descriptor);
    }

    /// <summary>Waits for the next connection. One at a time, on the loop's thread; cancelled on any.</summary>
    /// <exception cref="TcpException">Out of descriptors or memory: it may be called again later.</exception>
    public async ValueTask<TcpConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        Debug.Assert(_waiter is null, "one accept at a time");
        if (_accept.TryTake(out int result))
        {
            return Make(result);
        }

        TaskCompletionSource<TcpConnection> waiter = new();
        _waiter = waiter;
        if (!_accept.IsPending)
        {
            _loop.Start(_accept);
        }

        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state =>
            {
                var (listener, canceled) = ((TcpListener, TaskCompletionSource<TcpConnection>))state!;
                listener.CancelOnLoop(canceled);
            },
            (this, waiter));
        return await waiter.Task;
    }

    /// <summary>Stops listening, on the loop's thread; who waits for a connection is told by an exception.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_accept.IsPending)
        {
            _loop.Cancel(_accept); // the descriptor is closed when the kernel has given the accept back
        }
        else
        {
            Close();
        }
    }

    /// <summary>Connections came, or the accept ended.</summary>
    internal void HandleAccepted()
    {
        if (_isDisposed || _loop.IsClosing)
        {
            if (!_accept.IsPending)
            {
                Close();
            }

            return;
        }

        if (_waiter is { } waiter && _accept.TryTake(out int result))
        {
            _waiter = null;
            Settle(waiter, result);
        }

        if (!_accept.IsPending && _waiter is not null)
        {
            _loop.Start(_accept);
        }
        else if (_accept.IsPending && _accept.Waiting >= TcpLimits.AcceptedMax)
        {
            _loop.Cancel(_accept);
        }
    }

    private void Settle(TaskCompletionSource<TcpConnection> waiter, int result)
    {
        try
        {
            waiter.TrySetResult(Make(result));
        }
        catch (TcpException exception)
        {
            waiter.TrySetException(exception);
        }
    }

    private TcpConnection Make(int result) => result >= 0
        ? new TcpConnection(_loop, result, TcpLimits.HandshakeReceiveBytes)
        : throw new TcpException(-result, $"accepting at {LocalEndPoint}");

    private void Close()
    {
        while (_accept.TryTake(out int result))
        {
            if (result >= 0)
            {
                TcpSocket.SetAbortive(result);
                TcpSocket.Close(result);
            }
        }

        _isDisposed = true;
        _loop.Forget(_descriptor);
        TcpSocket.Close(_descriptor);
        _waiter?.TrySetException(new TcpException(Errno.ECANCELED, $"accepting at {LocalEndPoint}"));
        _waiter = null;
    }

    private void CancelOnLoop(TaskCompletionSource<TcpConnection> waiter)
    {
        if (_loop.IsOnThread)
        {
            CancelWaiter(waiter);
        }
        else
        {
            _loop.Post(_ => CancelWaiter(waiter), null);
        }
    }

    // The accept itself goes on: what it brings is for whoever asks next. Posted for an earlier accept, it may come
    // when another one waits: that one is not meant.
    private void CancelWaiter(TaskCompletionSource<TcpConnection> waiter)
    {
        if (ReferenceEquals(_waiter, waiter))
        {
            _waiter = null;
            waiter.TrySetCanceled();
        }
    }
}
