using System;
using System.Net;
using System.Threading;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Sockets;

/// <summary>A connection between two loops: its descriptor and the bytes that were received and not read.</summary>
public sealed class TcpDetached : DetachedConnection
{
    private readonly byte[] _unread;
    private readonly IPEndPoint _local;
    private readonly IPEndPoint _remote;
    private int _descriptor;

    internal TcpDetached(int descriptor, byte[] unread, IPEndPoint local, IPEndPoint remote)
    {
        _descriptor = descriptor;
        _unread = unread;
        _local = local;
        _remote = remote;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The connection gets a receive buffer for established connections, and the options that its path asks for.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">A loop has it already, or it was disposed.</exception>
    public override TcpConnection Attach(Loop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        EventLoop ours = loop as EventLoop
            ?? throw new ArgumentException("a socket belongs to a loop that waits for the kernel", nameof(loop));
        int descriptor = Take();
        ObjectDisposedException.ThrowIf(descriptor < 0, this);
        if (TcpSocket.ShortestRoundTripOf(descriptor) <= TcpLimits.ShortPathRoundTripMax)
        {
            TcpSocket.SetShortPathOptions(
                descriptor,
                TcpLimits.NotSentBytesOfShortPath,
                TcpLimits.ReceiveWindowBytesOfShortPath,
                TcpLimits.RetransmissionMinOfShortPath);
        }
        else
        {
            TcpSocket.SetCongestionControl(descriptor, TcpSocket.CongestionControlOfMachine());
        }

        TcpConnection connection = new(ours, descriptor, BufferLimits.ReceiveBytes, _local, _remote);
        connection.Input.Put(_unread);
        return connection;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        int descriptor = Take();
        if (descriptor >= 0)
        {
            TcpSocket.SetAbortive(descriptor);
            TcpSocket.Close(descriptor);
        }
    }

    private int Take() => Interlocked.Exchange(ref _descriptor, -1);
}
