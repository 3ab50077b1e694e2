using System;
using System.Globalization;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using Xunit;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>Puts packets into a node's TUN as they are: no kernel looks at them before.</summary>
internal sealed class TunSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly int _link;

    private TunSocket(Socket socket, int link)
    {
        _socket = socket;
        _link = link;
    }

    public static async Task<TunSocket> OpenAsync(LabNamespace node)
    {
        // "7: edge_tun0: <POINTOPOINT,..."
        string line = (await node.RunAsync("ip", "-o", "link", "show", "edge_tun0")).OrThrow().Output;
        int link = int.Parse(line[..line.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        return new TunSocket(
            node.OpenSocket(AddressFamily.Packet, SocketType.Raw, ProtocolType.Unspecified), link);
    }

    /// <summary>Sends a packet: IPv6 if its version says so, else IPv4.</summary>
    public void Send(byte[] packet)
    {
        ushort protocol = packet[0] >> 4 == 6 ? LinkEndPoint.Ipv6 : LinkEndPoint.Ipv4;
        Assert.Equal(packet.Length, _socket.SendTo(packet, new LinkEndPoint(_link, protocol)));
    }

    public void Dispose() => _socket.Dispose();
}
