using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Sockets;

/// <summary>A TCP connection of one loop as a pipe. Everything on the loop's thread.</summary>
public sealed class TcpConnection : UnderlayConnection
{
    private readonly EventLoop _loop;
    private int _descriptor;
    private bool _isDisposed;

    internal TcpConnection(EventLoop loop, int descriptor, int receiveBytes)
        : this(
            loop, descriptor, receiveBytes, TcpSocket.LocalEndPoint(descriptor), TcpSocket.RemoteEndPoint(descriptor))
    {
        TcpSocket.SetOptions(
            descriptor, TcpLimits.NotSentBytes, TcpLimits.UserTimeout, TcpLimits.KeepAliveIdle);
    }

    internal TcpConnection(EventLoop loop, int descriptor, int receiveBytes, IPEndPoint local, IPEndPoint remote)
    {
        _loop = loop;
        _descriptor = descriptor;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        Input = new TcpReader(this, loop, descriptor, receiveBytes);
        Output = new TcpWriter(this, loop, descriptor);
    }

    /// <summary>What the far end sends: always one segment, of pinned memory that may be written to.</summary>
    public override TcpReader Input { get; }

    /// <inheritdoc/>
    public override TcpWriter Output { get; }

    /// <inheritdoc/>
    public override Multiaddr LocalAddress => Multiaddr.FromTcp(LocalEndPoint);

    /// <inheritdoc/>
    public override Multiaddr RemoteAddress => Multiaddr.FromTcp(RemoteEndPoint);

    /// <summary>The near endpoint.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>The far endpoint.</summary>
    public IPEndPoint RemoteEndPoint { get; }

    /// <inheritdoc/>
    public override Instant HeardAt =>
        EventLoop.ReadNow() + (_descriptor < 0 ? TimeSpan.Zero : -TcpSocket.SilenceOf(_descriptor));

    /// <inheritdoc/>
    public override bool CanMove => true;

    /// <summary>Connects to an endpoint, on the loop's thread.</summary>
    /// <param name="loop">The connection is this loop's.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="cancellationToken">Ends the attempt; may be cancelled on any thread.</param>
    /// <exception cref="TcpException">Nobody answers there.</exception>
    public static async ValueTask<TcpConnection> ConnectAsync(
        EventLoop loop, IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(endPoint);
        cancellationToken.ThrowIfCancellationRequested();
        int descriptor = TcpSocket.Create(endPoint.AddressFamily);
        if (descriptor < 0)
        {
            throw new TcpException(-descriptor, $"connecting to {endPoint}");
        }

        TcpSocket.SetCongestionControl(descriptor, TcpLimits.CongestionControlOfShortPath);
        ConnectOperation connect = new(loop, descriptor, endPoint);
        int result;
        await using (cancellationToken.UnsafeRegister(
            static state => ((ConnectOperation)state!).CancelLater(), connect))
        {
            result = await connect.RunAsync();
        }

        if (result == 0 && !cancellationToken.IsCancellationRequested)
        {
            return new TcpConnection(loop, descriptor, BufferLimits.HandshakeReceiveBytes);
        }

        loop.Forget(descriptor);
        TcpSocket.Close(descriptor);
        cancellationToken.ThrowIfCancellationRequested();
        throw new TcpException(-result, $"connecting to {endPoint}");
    }

    /// <inheritdoc/>
    public override TcpDetached Detach()
    {
        if (Input.IsPending || Output.IsPending || Output.UnflushedBytes > 0 || _isDisposed)
        {
            throw new InvalidOperationException("a connection moves between its reads and writes, not within one");
        }

        byte[] unread = Input.TakeUnread();
        int descriptor = _descriptor;
        _descriptor = -1;
        _isDisposed = true;
        _loop.Forget(descriptor);
        Input.Release();
        Output.Release();
        return new TcpDetached(descriptor, unread, LocalEndPoint, RemoteEndPoint);
    }

    /// <inheritdoc/>
    /// <remarks>The far end sees a reset.</remarks>
    public override void Abort()
    {
        if (_descriptor < 0 || _isDisposed)
        {
            return;
        }

        TcpSocket.SetAbortive(_descriptor);
        Close(isGraceful: false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_descriptor >= 0 && !_isDisposed)
        {
            Close(isGraceful: true);
        }
    }

    /// <summary>Says what was done with whom, for an error.</summary>
    internal string Operation(string what) => $"{what} {RemoteEndPoint}";

    /// <summary>An operation ended.</summary>
    internal void AfterOperation()
    {
        if (_isDisposed && _descriptor >= 0 && !Input.IsPending && !Output.IsPending)
        {
            _loop.Forget(_descriptor);
            TcpSocket.Close(_descriptor);
            _descriptor = -1;
            Input.Release();
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

    private void Close(bool isGraceful)
    {
        // The descriptor is closed when the kernel has given back what it holds of ours.
        _isDisposed = true;
        if (isGraceful)
        {
            TcpSocket.Shutdown(_descriptor, both: true); // not before a reset: the far end would see an orderly end
        }

        Input.Stop();
        Output.Stop();
        AfterOperation();
    }
}
