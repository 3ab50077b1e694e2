using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

/// <summary>Many datagrams in one system call.</summary>
public sealed class UdpSenderTests
{
    private const int Bytes = 64;
    private const ulong Token = 7;

    [Theory]
    [InlineData(long.MaxValue, 64)]
    [InlineData(64, 64)]
    [InlineData(5, 5)]
    [InlineData(0, 1)]
    public void No_more_leave_than_are_due_and_fit_one_call(long due, int sent)
    {
        using Socket far = Open();
        using Socket near = Open();
        near.Connect(far.LocalEndPoint!);
        var sender = new UdpSender(near, to: null, Bytes, segments: 1, seed: 1);
        Assert.Equal(sent, sender.Send(new UdpDatagram(Token, 3, 100, 12), due, out bool isRefused));
        Assert.False(isRefused);
        List<UdpDatagram> arrived = Arrived(far);
        Assert.Equal(sent, arrived.Count);
        for (int i = 0; i < sent; i++)
        {
            Assert.Equal(new UdpDatagram(Token, 3, 100 + i, 12), arrived[i]);
        }
    }

    [Fact]
    public void A_socket_that_is_not_connected_sends_to_the_address()
    {
        using Socket far = Open();
        using Socket near = Open();
        var sender = new UdpSender(near, ((IPEndPoint)far.LocalEndPoint!).Serialize(), Bytes, segments: 1, seed: 1);
        Assert.Equal(64, sender.Send(new UdpDatagram(Token, 0, 0, 0), 64, out _));
        Assert.Equal(64, Arrived(far).Count);
    }

    [Fact]
    public void Large_datagrams_share_a_call_only_while_they_fit_the_cache()
    {
        using Socket far = Open();
        using Socket near = Open();
        near.Connect(far.LocalEndPoint!);
        Assert.Equal(2, new UdpSender(near, null, 60_000, 1, 1).Send(default, long.MaxValue, out _));
        Assert.Equal(UdpSender.BytesPerCallMax / 4096, new UdpSender(near, null, 4096, 1, 1)
            .Send(default, long.MaxValue, out _));
    }

    [Fact]
    public void What_is_refused_is_not_counted_as_sent()
    {
        using Socket near = Open();
        EndPoint nobody;
        using (Socket far = Open())
        {
            nobody = far.LocalEndPoint!;
        }

        near.Connect(nobody);
        var sender = new UdpSender(near, to: null, Bytes, segments: 1, seed: 1);

        // The first meets a closed port; the kernel tells so instead of sending a later one.
        int sent = sender.Send(new UdpDatagram(Token, 0, 0, 0), 64, out bool isRefused);
        Assert.InRange(sent, 1, 63);
        Assert.True(isRefused);
        sent = new UdpSender(near, to: null, 70_000, segments: 1, seed: 1).Send(default, 1, out isRefused);
        Assert.Equal(0, sent); // too long for any packet
        Assert.True(isRefused);
    }

    private static List<UdpDatagram> Arrived(Socket socket)
    {
        var arrived = new List<UdpDatagram>();
        byte[] buffer = new byte[ushort.MaxValue];
        while (socket.Poll(0, SelectMode.SelectRead))
        {
            int count = socket.Receive(buffer);
            Assert.Equal(Bytes, count);
            Assert.True(UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram));
            arrived.Add(datagram);
        }

        return arrived;
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.ReceiveBufferSize = 1 << 20;
        socket.SendTimeout = 100;
        return socket;
    }
}
