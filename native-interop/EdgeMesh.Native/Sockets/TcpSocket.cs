using System;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace EdgeMesh.Native.Sockets;

/// <summary>The socket calls of an event loop, which .NET's sockets keep to themselves.</summary>
/// <remarks>
/// Methods that return an int return a count or descriptor, or a negated errno. Connected sockets are blocking ones:
/// calls here say themselves that they don't wait, and older rings refuse to wait for a non-blocking descriptor.
/// </remarks>
public static unsafe class TcpSocket
{
    internal const int TcpNotSentLowWater = 25;
    internal const int TcpUserTimeout = 18;
    internal const int TcpKeepIdle = 4;
    internal const int TcpKeepInterval = 5;
    internal const int TcpKeepCount = 6;
    internal const int TcpInfo = 11;
    internal const int TcpCongestion = 13;
    internal const int TcpRetransmissionMin = 45; // TCP_RTO_MIN_US

    // struct tcp_info grows from kernel to kernel; these are the offsets of the fields that are read.
    internal const int TcpInfoLastDataReceived = 52;
    internal const int TcpInfoLastAckReceived = 56;
    internal const int TcpInfoShortestRoundTrip = 148;

    /// <summary>Makes a TCP socket.</summary>
    public static int Create(AddressFamily family) => Check(socket(
        family == AddressFamily.InterNetwork ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));

    /// <summary>Binds and listens; an IPv6 socket takes IPv6 only, so that both families can have the port.</summary>
    public static int Listen(int fd, IPEndPoint endPoint, int backlog)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
        if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
        {
            SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        }

        byte* address = stackalloc byte[SocketAddress.BytesMax];
        int length = SocketAddress.Write(endPoint, new Span<byte>(address, SocketAddress.BytesMax));
        int result = Check(bind(fd, (sockaddr*)address, length));
        return result < 0 ? result : Check(listen(fd, backlog));
    }

    /// <summary>Starts to connect; -EINPROGRESS is the ordinary answer.</summary>
    public static int Connect(int fd, nint address, int length) => Check(connect(fd, (sockaddr*)address, length));

    /// <summary>Accepts a connection.</summary>
    public static int Accept(int fd) => Check(accept4(fd, null, null, SOCK_CLOEXEC));

    /// <summary>Receives what is there.</summary>
    public static int Receive(int fd, nint address, int length) =>
        Check((long)recv(fd, (void*)address, length, MSG_DONTWAIT));

    /// <summary>Sends what fits.</summary>
    public static int Send(int fd, nint address, int length) =>
        Check((long)send(fd, (void*)address, length, MSG_DONTWAIT | MSG_NOSIGNAL));

    /// <summary>Takes the error that a connect left behind (SO_ERROR).</summary>
    public static int TakeError(int fd)
    {
        int error = 0;
        socklen_t length = sizeof(int);
        int result = Check(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length));
        return result < 0 ? result : -error;
    }

    /// <summary>Options of every connection.</summary>
    /// <param name="fd">A connected or connecting socket.</param>
    /// <param name="notSentBytesMax">Bytes that may wait in the socket unsent (TCP_NOTSENT_LOWAT).</param>
    /// <param name="userTimeout">Time that sent bytes may stay unacknowledged (TCP_USER_TIMEOUT, RFC 5482).</param>
    /// <param name="keepAliveIdle">Silence before the kernel probes the far end (TCP_KEEPIDLE), whole seconds.</param>
    public static void SetOptions(int fd, int notSentBytesMax, TimeSpan userTimeout, TimeSpan keepAliveIdle)
    {
        SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
        SetOption(fd, IPPROTO_TCP, TcpKeepIdle, (int)keepAliveIdle.TotalSeconds);
        SetOption(fd, IPPROTO_TCP, TcpKeepInterval, (int)keepAliveIdle.TotalSeconds / 3);
        SetOption(fd, IPPROTO_TCP, TcpKeepCount, 3);
        SetOption(fd, IPPROTO_TCP, TcpNotSentLowWater, notSentBytesMax);
        SetOption(fd, IPPROTO_TCP, TcpUserTimeout, (int)userTimeout.TotalMilliseconds);
    }

    /// <summary>Options of a connection whose path is short.</summary>
    /// <param name="fd">A connected socket.</param>
    /// <param name="notSentBytesMax">Bytes that may wait in the socket unsent (TCP_NOTSENT_LOWAT).</param>
    /// <param name="receiveBytes">Bytes that may wait to be read (SO_RCVBUF; the kernel doubles it, for its own
    /// needs).</param>
    /// <param name="retransmissionMin">Least time to wait for an acknowledgement before sending again, beside the round
    /// trip (TCP_RTO_MIN_US; a kernel without it keeps its 200 ms).</param>
    public static void SetShortPathOptions(
        int fd, int notSentBytesMax, int receiveBytes, TimeSpan retransmissionMin)
    {
        SetOption(fd, IPPROTO_TCP, TcpRetransmissionMin, (int)retransmissionMin.TotalMicroseconds);
        SetOption(fd, IPPROTO_TCP, TcpNotSentLowWater, notSentBytesMax);
        SetOption(fd, SOL_SOCKET, SO_RCVBUF, receiveBytes);
    }

    /// <summary>
    /// Sets the congestion control (TCP_CONGESTION); what a listening socket accepts inherits it. A kernel that lacks
    /// it keeps its own.
    /// </summary>
    public static void SetCongestionControl(int fd, string congestionControl)
    {
        byte[] name = Encoding.ASCII.GetBytes(congestionControl);
        fixed (byte* text = name)
        {
            _ = setsockopt(fd, IPPROTO_TCP, TcpCongestion, text, (socklen_t)name.Length);
        }
    }

    /// <summary>The congestion control that new sockets get here (net.ipv4.tcp_congestion_control).</summary>
    public static string CongestionControlOfMachine()
    {
        int fd = Create(AddressFamily.InterNetwork);
        if (fd < 0)
        {
            return "";
        }

        string name = CongestionControlOf(fd);
        Close(fd);
        return name;
    }

    /// <summary>The congestion control in use (TCP_CONGESTION); empty if the socket has none.</summary>
    public static string CongestionControlOf(int fd)
    {
        const int NameBytesMax = 16; // TCP_CA_NAME_MAX
        byte* name = stackalloc byte[NameBytesMax];
        socklen_t length = NameBytesMax;
        return Check(getsockopt(fd, IPPROTO_TCP, TcpCongestion, name, &length)) < 0
            ? ""
            : Encoding.ASCII.GetString(new ReadOnlySpan<byte>(name, (int)(uint)length)).TrimEnd('\0');
    }

    /// <summary>The shortest round trip that the kernel saw (TCP_INFO), from the handshake on, or null.</summary>
    public static TimeSpan? ShortestRoundTripOf(int fd)
    {
        const int Bytes = TcpInfoShortestRoundTrip + sizeof(uint);
        byte* info = stackalloc byte[Bytes];
        socklen_t length = Bytes;
        int result = Check(getsockopt(fd, IPPROTO_TCP, TcpInfo, info, &length));
        uint micros = *(uint*)(info + TcpInfoShortestRoundTrip);
        return result < 0 || length < Bytes || micros == uint.MaxValue ? null : TimeSpan.FromMicroseconds(micros);
    }

    /// <summary>How long ago data or an acknowledgement of the far end came (TCP_INFO); zero if that isn't
    /// known.</summary>
    public static TimeSpan SilenceOf(int fd)
    {
        byte* info = stackalloc byte[TcpInfoLastAckReceived + sizeof(uint)];
        socklen_t length = TcpInfoLastAckReceived + sizeof(uint);
        int result = Check(getsockopt(fd, IPPROTO_TCP, TcpInfo, info, &length));
        return result < 0
            ? TimeSpan.Zero
            : TimeSpan.FromMilliseconds(Math.Min(
                *(uint*)(info + TcpInfoLastDataReceived), *(uint*)(info + TcpInfoLastAckReceived)));
    }

    /// <summary>Closes with a reset: what is unsent is of no use to anyone (SO_LINGER 0).</summary>
    public static void SetAbortive(int fd)
    {
        linger option = new() { l_onoff = 1, l_linger = 0 };
        _ = setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, sizeof(linger));
    }

    /// <summary>Says that nothing more is sent, or that nothing goes either way.</summary>
    public static void Shutdown(int fd, bool both) => _ = shutdown(fd, both ? SHUT_RDWR : SHUT_WR);

    /// <summary>The near endpoint.</summary>
    public static IPEndPoint LocalEndPoint(int fd)
    {
        byte* address = stackalloc byte[SocketAddress.BytesMax];
        socklen_t length = SocketAddress.BytesMax;
        return getsockname(fd, (sockaddr*)address, &length) < 0
            ? new IPEndPoint(IPAddress.None, 0)
            : SocketAddress.Read(new ReadOnlySpan<byte>(address, SocketAddress.BytesMax));
    }

    /// <summary>The far endpoint; none if the connection is gone already.</summary>
    public static IPEndPoint RemoteEndPoint(int fd)
    {
        byte* address = stackalloc byte[SocketAddress.BytesMax];
        socklen_t length = SocketAddress.BytesMax;
        return getpeername(fd, (sockaddr*)address, &length) < 0
            ? new IPEndPoint(IPAddress.None, 0)
            : SocketAddress.Read(new ReadOnlySpan<byte>(address, SocketAddress.BytesMax));
    }

    /// <summary>Closes any descriptor.</summary>
    public static void Close(int fd) => _ = close(fd);

    private static void SetOption(int fd, int level, int option, int value) =>
        _ = setsockopt(fd, level, option, &value, sizeof(int));

    private static int Check(long result) => result < 0 ? -Errno.Last : (int)result;
}
