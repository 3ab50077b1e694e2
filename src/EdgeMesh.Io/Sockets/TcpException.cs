using System.IO;

namespace EdgeMesh.Io.Sockets;

/// <summary>A TCP connection failed, or a socket could not be made; the message says why.</summary>
public sealed class TcpException : IOException
{
    /// <summary>Names the cause and, where the operator can do something, the remedy.</summary>
    public TcpException(string message, int errno)
        : base(message) => Errno = errno;

    /// <summary>The kernel's error number, 0 if none.</summary>
    public int Errno { get; }
}
