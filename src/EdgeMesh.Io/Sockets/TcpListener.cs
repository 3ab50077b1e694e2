using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Io.Sockets;

/// <summary>Takes TCP connections; of one loop's thread.</summary>
public sealed class TcpListener : IDisposable
{
    private TcpListener()
    {
    }

    /// <summary>Where it listens; with the port that the kernel chose if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => throw new NotSupportedException();

    /// <summary>Listens at <paramref name="endPoint"/>.</summary>
    /// <exception cref="TcpException">Names the cause and the remedy.</exception>
    public static TcpListener Bind(EventLoop loop, IPEndPoint endPoint, int backlog) => throw new NotSupportedException();

    /// <summary>The next connection. One call at a time.</summary>
    /// <exception cref="TcpException">For example when the process has no descriptors left; may be called again.</exception>
    public ValueTask<TcpConnection> AcceptAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Stops listening; a pending accept completes with an exception.</summary>
    public void Dispose()
    {
    }
}
