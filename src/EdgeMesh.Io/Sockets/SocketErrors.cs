using System.Net.Sockets;

namespace EdgeMesh.Io.Sockets;

/// <summary>Exceptions for the error numbers of sockets.</summary>
internal static class SocketErrors
{
    /// <summary>What .NET throws for the same error.</summary>
    /// <param name="negated">A negated errno.</param>
    public static SocketException Of(int negated) => new((-negated) switch
    {
        1 or 13 => (int)SocketError.AccessDenied,
        4 => (int)SocketError.Interrupted,
        22 => (int)SocketError.InvalidArgument,
        23 or 24 => (int)SocketError.TooManyOpenSockets,
        32 or 108 => (int)SocketError.Shutdown,
        97 => (int)SocketError.AddressFamilyNotSupported,
        98 => (int)SocketError.AddressAlreadyInUse,
        99 => (int)SocketError.AddressNotAvailable,
        101 => (int)SocketError.NetworkUnreachable,
        103 => (int)SocketError.ConnectionAborted,
        104 => (int)SocketError.ConnectionReset,
        105 or 12 => (int)SocketError.NoBufferSpaceAvailable,
        110 => (int)SocketError.TimedOut,
        111 => (int)SocketError.ConnectionRefused,
        113 => (int)SocketError.HostUnreachable,
        125 => (int)SocketError.OperationAborted,
        _ => (int)SocketError.SocketError,
    });
}
