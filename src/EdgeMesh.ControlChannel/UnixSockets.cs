using System;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeMesh.ControlChannel;

/// <summary>What both ends of the control channel need of a Unix stream socket.</summary>
internal static class UnixSockets
{
    private const int SolSocket = 1;    // SOL_SOCKET of asm-generic/socket.h
    private const int SoPeerCred = 17;  // SO_PEERCRED
    private const int UcredBytes = 12;  // struct ucred: pid, uid, gid, 32 bits each

    internal static Socket Create() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    internal static UnixDomainSocketEndPoint EndPoint(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        return length is > 0 and <= ControlLimits.SocketPathBytesMax
            ? new UnixDomainSocketEndPoint(path)
            : throw new ControlChannelException(
                ControlFault.PathTaken,
                $"the socket path '{path}' has {length} bytes; the kernel takes 1 to "
                    + $"{ControlLimits.SocketPathBytesMax}: choose a shorter --socket");
    }

    /// <summary>
    /// Process and user at the other end; of a listening socket, our own (the kernel keeps the credentials of whoever
    /// called listen or connect, unix(7)).
    /// </summary>
    internal static (int ProcessId, uint UserId) Credentials(Socket socket)
    {
        Span<byte> ucred = stackalloc byte[UcredBytes];
        int length = socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred);
        return length == UcredBytes
            ? (MemoryMarshal.Read<int>(ucred), MemoryMarshal.Read<uint>(ucred[4..]))
            : throw new ControlChannelException(ControlFault.Forbidden,
                "the kernel does not say who is at the other end");
    }

    internal static ControlChannelException Explain(string path, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable or SocketError.ConnectionRefused when !File.Exists(path) => new(
            ControlFault.NotRunning,
            $"there is no socket '{path}': start edgemesh-dataplane, or give the --socket it was started with", e),
        SocketError.ConnectionRefused => new(
            ControlFault.NotRunning, $"nobody listens at '{path}': edgemesh-dataplane has ended; start it again", e),
        SocketError.AccessDenied => new(
            ControlFault.Forbidden, $"no permission to use '{path}': run as root or as the data plane's own user", e),
        SocketError.AddressAlreadyInUse => new(
            ControlFault.PathTaken, $"'{path}' is taken: choose another --socket, or remove it", e),
        _ => new(ControlFault.NotRunning, $"'{path}' can't be used: {e.Message}", e),
    };
}
