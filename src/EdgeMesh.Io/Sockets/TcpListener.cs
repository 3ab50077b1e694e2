using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Sockets;

/// <summary>Accepts TCP connections on one loop.</summary>
/// <remarks>
/// Where the kernel can, one submission brings connection after connection. It stops when <see
/// cref="TcpLimits.AcceptedMax"/> wait here, and goes on when somebody asks again: the others wait in the kernel's
/// backlog.
/// </remarks>
public sealed class TcpListener : UnderlayListener
{
    private readonly AcceptOperation _accept;
    private readonly EventLoop _loop;
    private readonly Waiter<UnderlayConnection> _waiter;
    private readonly int _descriptor;
    private bool _isDisposed;

    private TcpListener(EventLoop loop, int descriptor)
    {
        _loop = loop;
        _descriptor = descriptor;
        _waiter = new Waiter<UnderlayConnection>(loop);
        LocalEndPoint = TcpSocket.LocalEndPoint(descriptor);
        _accept = new AcceptOperation(this) { Kind = OperationKind.Accept, Descriptor = descriptor };
    }

    /// <summary>Where it listens; the port is the real one, also if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    public override Multiaddr LocalAddress => Multiaddr.FromTcp(LocalEndPoint);

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

    /// <inheritdoc/>
    /// <exception cref="TcpException">Out of descriptors or memory: it may be called again later.</exception>
    public override ValueTask<UnderlayConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (_accept.TryTake(out int result))
        {
            return new ValueTask<UnderlayConnection>(Make(result));
        }

        if (!_accept.IsPending)
        {
            _loop.Start(_accept);
        }

        return _waiter.Wait(cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Who waits for a connection is told by an exception.</remarks>
    public override void Dispose()
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

        if (_waiter.IsWaiting && _accept.TryTake(out int result))
        {
            Settle(result);
        }

        // A canceled wait leaves its accept to whoever asks next.
        if (!_accept.IsPending && _waiter.IsWaiting)
        {
            _loop.Start(_accept);
        }
        else if (_accept.IsPending && _accept.Waiting >= TcpLimits.AcceptedMax)
        {
            _loop.Cancel(_accept);
        }
    }

    private void Settle(int result)
    {
        if (result >= 0)
        {
            _waiter.End(Make(result));
        }
        else
        {
            _waiter.Fail(Failure(-result));
        }
    }

    private TcpConnection Make(int result) => result >= 0
        ? new TcpConnection(_loop, result, BufferLimits.HandshakeReceiveBytes)
        : throw Failure(-result);

    private TcpException Failure(int errno) => new(errno, $"accepting at {LocalEndPoint}");

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
        if (_waiter.IsWaiting)
        {
            _waiter.Fail(Failure(Errno.ECANCELED));
        }
    }
}
