using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Serving;

/// <summary>The server's socket of a session's datagrams, and where they come from.</summary>
/// <remarks>
/// Datagrams go back only to the address of the control connection's client, and only where one came from that showed
/// the
/// token: a forged source can flood no one.
/// </remarks>
internal sealed class UdpMeeting : IDisposable
{
    private const int TinyBufferBytes = 4096;

    private readonly MeasurementRequest _request;
    private readonly ulong _token;
    private readonly IPAddress _client;
    private readonly SocketAddress?[] _ways;
    private Socket? _socket;

    /// <summary>Opens the socket: at the control connection's port if it is free, else at another.</summary>
    public UdpMeeting(IPEndPoint local, MeasurementRequest request, ulong token, IPAddress client)
    {
        (_request, _token, _client) = (request, token, client);
        _ways = new SocketAddress?[request.HasDown ? request.Streams : 0];
        _socket = Open(local, local.Port) ?? Open(local, 0)
            ?? throw new PerfException($"no UDP port is free on {local.Address}; free some");
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        if (request.Counting == ArrivalCounting.Kernel)
        {
            _socket.ReceiveBufferSize = TinyBufferBytes; // no program reads: what arrives must not fill memory
        }
        else
        {
            ReceiveBuffer.Grow(_socket);
        }
    }

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Reads introductions; whether a way back is known for each stream that needs one.</summary>
    public bool IsComplete()
    {
        byte[] buffer = new byte[ushort.MaxValue];
        var from = new SocketAddress(_socket!.AddressFamily);
        while (!AreKnown() && _socket.Poll(0, SelectMode.SelectRead))
        {
            int count = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
            if (UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram) && datagram.Token == _token
                && datagram.Stream < _ways.Length && IsClient(from))
            {
                var way = new SocketAddress(from.Family, from.Size);
                from.Buffer.Span[..from.Size].CopyTo(way.Buffer.Span);
                _ways[datagram.Stream] = way;
            }
        }

        return AreKnown();
    }

    /// <summary>Bulk over this socket; it owns it from now on.</summary>
    public UdpTraffic MakeTraffic()
    {
        Socket socket = Take();
        return new UdpTraffic(
            _request, _token, [.. _ways.Select(way => (socket, (SocketAddress?)way!))], _request.HasUp ? [socket] : []);
    }

    /// <summary>The socket, no longer this object's.</summary>
    public Socket Take()
    {
        Socket socket = _socket!;
        _socket = null;
        return socket;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private static Socket? Open(IPEndPoint local, int port)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(local.Address, port));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private bool AreKnown() => Array.TrueForAll(_ways, way => way is not null);

    private bool IsClient(SocketAddress from)
    {
        var endPoint = (IPEndPoint)new IPEndPoint(
            from.Family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0).Create(from);
        return endPoint.Address.MapToIPv6().Equals(_client.MapToIPv6());
    }
}
