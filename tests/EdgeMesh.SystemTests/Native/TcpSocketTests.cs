using System;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Native.Sockets;
using Xunit;

namespace EdgeMesh.SystemTests.Native;

public sealed class TcpSocketTests
{
    [Fact]
    public void A_short_path_gets_its_options_and_tells_its_round_trip()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndPoint!);
        using Socket far = listener.Accept();
        foreach (Socket socket in (Socket[])[near, far])
        {
            int fd = (int)socket.SafeHandle.DangerousGetHandle();
            Assert.InRange(
                TcpSocket.ShortestRoundTripOf(fd)!.Value, TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(5));
            TcpSocket.SetShortPathOptions(
                fd, notSentBytesMax: 4096, receiveBytes: 65536, retransmissionMin: TimeSpan.FromMilliseconds(50));
            TcpSocket.SetCongestionControl(fd, "reno");
            Assert.Equal("reno", TcpSocket.CongestionControlOf(fd));
            Assert.Equal(2 * 65536, socket.ReceiveBufferSize); // doubled: socket(7), SO_RCVBUF
            if (RetransmissionMinOf(socket) is { } microseconds) // else the kernel lacks the option
            {
                Assert.InRange(microseconds, 50_000, 60_000); // in whole ticks of the kernel's clock
            }
        }
    }

    [Fact]
    public void A_congestion_control_that_the_kernel_lacks_changes_nothing()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        int fd = (int)socket.SafeHandle.DangerousGetHandle();
        string before = TcpSocket.CongestionControlOf(fd);
        Assert.NotEmpty(before);
        TcpSocket.SetCongestionControl(fd, "nonsense");
        Assert.Equal(before, TcpSocket.CongestionControlOf(fd));
        Assert.Equal(before, TcpSocket.CongestionControlOfMachine());
        Assert.Null(TcpSocket.ShortestRoundTripOf(fd));
    }

    private static int? RetransmissionMinOf(Socket socket)
    {
        const int ProtocolTcp = 6;
        const int RetransmissionMin = 45; // TCP_RTO_MIN_US
        byte[] value = new byte[sizeof(int)];
        try
        {
            socket.GetRawSocketOption(ProtocolTcp, RetransmissionMin, value);
            return BitConverter.ToInt32(value);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ProtocolOption)
        {
            return null;
        }
    }
}
