using System.IO;
using System.Net.Sockets;

namespace EdgeMesh.Io.Sockets;

/// <summary>What a TCP socket met; the message says it in a sentence and, where the operator can help, how.</summary>
public sealed class TcpException : IOException
{
    internal TcpException(int errno, string? operation = null)
        : base((operation is null ? "" : $"{operation}: ") + $"{Explain(errno)} ({Native.Errno.NameOf(errno)})")
    {
        Errno = errno;
        SocketErrorCode = CodeOf(errno);
    }

    /// <summary>The kernel's error number.</summary>
    public int Errno { get; }

    /// <summary>The same, as .NET's sockets say it.</summary>
    public SocketError SocketErrorCode { get; }

    private static string Explain(int errno) => errno switch
    {
        Native.Errno.EACCES or Native.Errno.EPERM =>
            "the kernel forbids it; a port below 1024 takes CAP_NET_BIND_SERVICE, else look at the firewall",
        Native.Errno.EADDRINUSE => "the port is in use; stop the process that has it, or choose another one",
        Native.Errno.EADDRNOTAVAIL => "the address is not one of this machine's; choose one that 'ip address' shows",
        Native.Errno.EAFNOSUPPORT =>
            "this machine has no such address family; see sysctl net.ipv6.conf.all.disable_ipv6",
        Native.Errno.EMFILE => "the process has no descriptors left; raise its limit of open files (ulimit -n)",
        Native.Errno.ENFILE => "the machine has no descriptors left; raise sysctl fs.file-max",
        Native.Errno.ENOSPC => "epoll watches too many descriptors; raise sysctl fs.epoll.max_user_watches",
        Native.Errno.ENOBUFS or Native.Errno.ENOMEM => "the kernel has no memory left for sockets",
        Native.Errno.ENETUNREACH => "no route leads there",
        Native.Errno.EHOSTUNREACH => "nothing on the way knows that host",
        Native.Errno.ECONNREFUSED => "nothing listens there",
        Native.Errno.ECONNRESET => "the connection was reset",
        Native.Errno.ECONNABORTED => "the connection ended before it was accepted",
        Native.Errno.EPIPE or Native.Errno.ESHUTDOWN => "the far end takes nothing any more",
        Native.Errno.ETIMEDOUT => "the far end does not answer",
        Native.Errno.ECANCELED => "the event loop is closing",
        _ => Native.Errno.Describe(errno),
    };

    private static SocketError CodeOf(int errno) => errno switch
    {
        Native.Errno.EPERM or Native.Errno.EACCES => SocketError.AccessDenied,
        Native.Errno.EINTR => SocketError.Interrupted,
        Native.Errno.EINVAL => SocketError.InvalidArgument,
        Native.Errno.ENFILE or Native.Errno.EMFILE => SocketError.TooManyOpenSockets,
        Native.Errno.EPIPE or Native.Errno.ESHUTDOWN => SocketError.Shutdown,
        Native.Errno.EAFNOSUPPORT => SocketError.AddressFamilyNotSupported,
        Native.Errno.EADDRINUSE => SocketError.AddressAlreadyInUse,
        Native.Errno.EADDRNOTAVAIL => SocketError.AddressNotAvailable,
        Native.Errno.ENETUNREACH => SocketError.NetworkUnreachable,
        Native.Errno.ECONNABORTED => SocketError.ConnectionAborted,
        Native.Errno.ECONNRESET => SocketError.ConnectionReset,
        Native.Errno.ENOBUFS or Native.Errno.ENOMEM => SocketError.NoBufferSpaceAvailable,
        Native.Errno.ENOTCONN => SocketError.NotConnected,
        Native.Errno.ETIMEDOUT => SocketError.TimedOut,
        Native.Errno.ECONNREFUSED => SocketError.ConnectionRefused,
        Native.Errno.EHOSTUNREACH => SocketError.HostUnreachable,
        Native.Errno.ECANCELED => SocketError.OperationAborted,
        _ => SocketError.SocketError,
    };
}
