using System;
using System.IO.Pipelines;
using System.Net;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Io.Sockets;

/// <summary>A TCP connection as a pipe; of one loop's thread.</summary>
public sealed class TcpConnection : IDuplexPipe, IDisposable
{
    private TcpConnection()
    {
    }

    /// <summary>Bytes from the peer: one segment, writable underneath, <see cref="TcpLimits.ReceiveBytes"/> at most.</summary>
    public PipeReader Input => throw new NotSupportedException();

    /// <summary>Bytes to the peer.</summary>
    public PipeWriter Output => throw new NotSupportedException();

    /// <summary>The other end.</summary>
    public IPEndPoint RemoteEndPoint => throw new NotSupportedException();

    /// <summary>Our end.</summary>
    public IPEndPoint LocalEndPoint => throw new NotSupportedException();

    /// <summary>Connects, on the thread of <paramref name="loop"/>.</summary>
    /// <exception cref="TcpException">Names the cause.</exception>
    public static ValueTask<TcpConnection> ConnectAsync(EventLoop loop, IPEndPoint endPoint, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Ties a connection to <paramref name="loop"/>, on that loop's thread; its unread bytes come first.</summary>
    public static TcpConnection Adopt(EventLoop loop, TcpDetached detached) => throw new NotSupportedException();

    /// <summary>Unties the connection from its loop. No read or flush may be pending, no byte unflushed.</summary>
    public TcpDetached Detach() => throw new NotSupportedException();

    /// <summary>Ends the connection at once with a reset; a pending read or flush completes.</summary>
    public void Abort() => throw new NotSupportedException();

    /// <summary>Closes the connection; what the kernel took is still sent.</summary>
    public void Dispose()
    {
    }
}
