using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary><c>struct sockaddr_ll</c>: a link, for packets as they are.</summary>
internal sealed class LinkEndPoint(int link, ushort protocol) : EndPoint
{
    public const ushort Ipv4 = 0x0800;
    public const ushort Ipv6 = 0x86dd;

    private const int Bytes = 20;

    public override AddressFamily AddressFamily => AddressFamily.Packet;

    public override SocketAddress Serialize()
    {
        var address = new SocketAddress(AddressFamily.Packet, Bytes);
        Span<byte> bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], protocol);
        BitConverter.TryWriteBytes(bytes[4..], link);
        return address;
    }
}
