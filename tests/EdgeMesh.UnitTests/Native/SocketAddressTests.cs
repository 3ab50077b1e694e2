using System;
using System.Net;
using Xunit;
using SocketAddress = EdgeMesh.Native.Sockets.SocketAddress;

namespace EdgeMesh.UnitTests.Native;

public sealed class SocketAddressTests
{
    [Theory]
    [InlineData("10.1.2.3:20006")]
    [InlineData("[fd00:1::7]:1")]
    [InlineData("[fe80::1%3]:65535")]
    public void Endpoint_survives_the_round_trip(string text)
    {
        IPEndPoint endPoint = IPEndPoint.Parse(text);
        byte[] bytes = new byte[SocketAddress.BytesMax];
        int length = SocketAddress.Write(endPoint, bytes);
        Assert.Equal(endPoint, SocketAddress.Read(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void Mapped_address_becomes_an_ipv4_address()
    {
        byte[] bytes = new byte[SocketAddress.BytesMax];
        SocketAddress.Write(new IPEndPoint(IPAddress.Parse("10.1.2.3").MapToIPv6(), 5), bytes);
        Assert.Equal(IPEndPoint.Parse("10.1.2.3:5"), SocketAddress.Read(bytes));
    }
}
