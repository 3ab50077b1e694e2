using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Native.Sockets;

namespace EdgeMesh.Io.Sockets;

/// <summary>Accepts TCP connections on one loop.</summary>
public sealed class TcpListener : IDisposable
{
    private readonly LoopOperation _accept;
    private readonly EventLoop _loop;
    private int _descriptor;

    private TcpListener(EventLoop loop, int descriptor)
    {
        _loop = loop;
        _descriptor = descriptor;
        LocalEndPoint = TcpSocket.LocalEndPoint(descriptor);
        _accept = new LoopOperation { Kind = OperationKind.Accept, Descriptor = descriptor };
    }

    /// <summary>Where it listens; the port is the real one, also if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Listens at an endpoint, on the loop's thread.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The endpoint can't be had.</exception>
    public static TcpListener Bind(EventLoop loop, IPEndPoint endPoint, int backlog = TcpLimits.Backlog)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        int descriptor = TcpSocket.Create(endPoint.AddressFamily);
        if (descriptor < 0)
        {
            throw SocketErrors.Of(descriptor);
        }

        int result = TcpSocket.Listen(descriptor, endPoint, backlog);
        if (result < 0)
        {
            TcpSocket.Close(descriptor);
            throw SocketErrors.Of(result);
        }

        return new TcpListener(loop, descriptor);
    }

    /// <summary>Waits for the next connection; one at a time, cancelled on the loop's thread.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Out of descriptors or memory; later ones may work again.</exception>
    public async ValueTask<TcpConnection> AcceptAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await using CancellationTokenRegistration registration = cancellation.Register(
            static state => ((TcpListener)state!).CancelAccept(), this);
        _loop.Start(_accept);
        int descriptor = await new ValueTask<int>(_accept, _accept.Version);
        if (descriptor < 0)
        {
            cancellation.ThrowIfCancellationRequested();
            throw SocketErrors.Of(descriptor);
        }

        return new TcpConnection(_loop, descriptor, TcpLimits.HandshakeReceiveBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_descriptor < 0)
        {
            return;
        }

        CancelAccept();
        while (_accept.IsPending)
        {
            _loop.RunOnce(TimeSpan.FromMilliseconds(10)); // the kernel gives the accept up
        }

        _loop.Forget(_descriptor);
        TcpSocket.Close(_descriptor);
        _descriptor = -1;
    }

    private void CancelAccept()
    {
        if (_accept.IsPending)
        {
            _loop.Cancel(_accept);
        }
    }
}
