using System;
using System.Net;

namespace EdgeMesh.Io.Sockets;

/// <summary>A TCP connection between two loops: its descriptor and the bytes that nobody has consumed yet.</summary>
public sealed class TcpDetached : IDisposable
{
    internal TcpDetached()
    {
    }

    /// <summary>The other end.</summary>
    public IPEndPoint RemoteEndPoint => throw new NotSupportedException();

    /// <summary>Closes the connection if no loop adopted it.</summary>
    public void Dispose()
    {
    }
}
