using System;
using System.Net;
using EdgeMesh.Native.Sockets;

namespace EdgeMesh.Io.Sockets;

/// <summary>A connection between two loops: its descriptor and the bytes that were received and not read.</summary>
public sealed class TcpDetached : IDisposable
{
    private int _descriptor;

    internal TcpDetached(int descriptor, byte[] unread, IPEndPoint local, IPEndPoint remote)
    {
        _descriptor = descriptor;
        Unread = unread;
        Local = local;
        Remote = remote;
    }

    internal byte[] Unread { get; }

    internal IPEndPoint Local { get; }

    internal IPEndPoint Remote { get; }

    /// <summary>Closes the connection, if no loop took it.</summary>
    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            TcpSocket.SetAbortive(_descriptor);
            TcpSocket.Close(_descriptor);
            _descriptor = -1;
        }
    }

    internal int Take()
    {
        int descriptor = _descriptor;
        ObjectDisposedException.ThrowIf(descriptor < 0, this);
        _descriptor = -1;
        return descriptor;
    }
}
