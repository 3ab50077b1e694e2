using System;
using System.IO.Pipelines;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Native;
using EdgeMesh.Native.Sockets;

namespace EdgeMesh.Io.Sockets;

/// <summary>A TCP connection of one loop as a pipe. Everything on the loop's thread.</summary>
public sealed class TcpConnection : IDuplexPipe, IDisposable
{
    private readonly EventLoop _loop;
    private int _descriptor;
    private bool _isDisposed;

    internal TcpConnection(EventLoop loop, int descriptor, int receiveBytes)
        : this(loop, descriptor, receiveBytes, TcpSocket.LocalEndPoint(descriptor), TcpSocket.RemoteEndPoint(descriptor))
    {
        TcpSocket.SetOptions(descriptor, TcpLimits.NotSentBytes, TcpLimits.UserTimeout);
    }

    private TcpConnection(EventLoop loop, int descriptor, int receiveBytes, IPEndPoint local, IPEndPoint remote)
    {
        _loop = loop;
        _descriptor = descriptor;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        Input = new TcpReader(this, loop, descriptor, receiveBytes);
        Output = new TcpWriter(this, loop, descriptor);
    }

    /// <summary>What the far end sends: always one segment, of pinned memory that may be written to.</summary>
    public TcpReader Input { get; }

    /// <summary>What the far end gets.</summary>
    public TcpWriter Output { get; }

    /// <summary>The near endpoint.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>The far endpoint.</summary>
    public IPEndPoint RemoteEndPoint { get; }

    PipeReader IDuplexPipe.Input => Input;

    PipeWriter IDuplexPipe.Output => Output;

    /// <summary>Connects to an endpoint, on the loop's thread.</summary>
    /// <param name="loop">The connection is this loop's.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="cancellation">Ends the attempt; must be cancelled on the loop's thread.</param>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody answers there.</exception>
    public static async ValueTask<TcpConnection> ConnectAsync(EventLoop loop, IPEndPoint endPoint, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(endPoint);
        cancellation.ThrowIfCancellationRequested();
        int descriptor = TcpSocket.Create(endPoint.AddressFamily);
        if (descriptor < 0)
        {
            throw SocketErrors.Of(descriptor);
        }

        byte[] address = GC.AllocateArray<byte>(Native.Sockets.SocketAddress.BytesMax, pinned: true);
        LoopOperation connect = new()
        {
            Kind = OperationKind.Connect,
            Descriptor = descriptor,
            Address = PinnedMemory.AddressOf(address),
            Length = Native.Sockets.SocketAddress.Write(endPoint, address),
        };
        loop.Start(connect);
        int result;
        await using (cancellation.Register(() => CancelConnect(loop, connect)))
        {
            result = await new ValueTask<int>(connect, connect.Version);
        }

        GC.KeepAlive(address);
        if (result == 0 && !cancellation.IsCancellationRequested)
        {
            return new TcpConnection(loop, descriptor, TcpLimits.HandshakeReceiveBytes);
        }

        loop.Forget(descriptor);
        TcpSocket.Close(descriptor);
        cancellation.ThrowIfCancellationRequested();
        throw SocketErrors.Of(result);
    }

    /// <summary>Gives a connection to a loop, on its thread, with a receive buffer for established connections.</summary>
    public static TcpConnection Adopt(EventLoop loop, TcpDetached detached)
    {
        ArgumentNullException.ThrowIfNull(detached);
        TcpConnection connection = new(loop, detached.Take(), TcpLimits.ReceiveBytes, detached.Local, detached.Remote);
        connection.Input.Put(detached.Unread);
        return connection;
    }

    /// <summary>Takes the connection from its loop. No read or flush may be under way.</summary>
    /// <exception cref="InvalidOperationException">One is.</exception>
    public TcpDetached Detach()
    {
        if (Input.IsPending || Output.IsPending)
        {
            throw new InvalidOperationException("a connection moves between its reads and writes, not within one");
        }

        byte[] unread = Input.TakeUnread();
        int descriptor = _descriptor;
        _descriptor = -1;
        _isDisposed = true;
        _loop.Forget(descriptor);
        Output.Release();
        return new TcpDetached(descriptor, unread, LocalEndPoint, RemoteEndPoint);
    }

    /// <summary>Ends the connection at once: reads and flushes under way end, what is unsent is lost.</summary>
    public void Abort()
    {
        if (_descriptor < 0 || _isDisposed)
        {
            return;
        }

        TcpSocket.SetAbortive(_descriptor);
        Close();
    }

    /// <summary>Closes the connection; what the socket has is still sent.</summary>
    public void Dispose()
    {
        if (_descriptor >= 0 && !_isDisposed)
        {
            Close();
        }
    }

    /// <summary>An operation ended, or the writer completed.</summary>
    internal void AfterOperation()
    {
        if (_isDisposed && _descriptor >= 0 && !Input.IsPending && !Output.IsPending)
        {
            _loop.Forget(_descriptor);
            TcpSocket.Close(_descriptor);
            _descriptor = -1;
            Output.Release();
        }
    }

    /// <summary>Says that nothing more is sent.</summary>
    internal void ShutdownOutput()
    {
        if (_descriptor >= 0)
        {
            TcpSocket.Shutdown(_descriptor, both: false);
        }
    }

    private static void CancelConnect(EventLoop loop, LoopOperation connect)
    {
        if (connect.IsPending)
        {
            loop.Cancel(connect);
        }
    }

    private void Close()
    {
        // The descriptor is closed when the kernel has given back what it holds of ours.
        _isDisposed = true;
        TcpSocket.Shutdown(_descriptor, both: true);
        Input.Stop();
        Output.Stop();
        AfterOperation();
    }
}
