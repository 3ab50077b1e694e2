using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace EdgeMesh.Native.Sockets;

/// <summary>
/// <c>struct sockaddr_in</c> and <c>sockaddr_in6</c> as bytes: written for connect and bind, read after accept.
/// </summary>
public static class SocketAddress
{
    /// <summary>Length of the longest, <c>sockaddr_in6</c>.</summary>
    public const int BytesMax = 28;

    internal const int Ipv4Bytes = 16;
    internal const ushort Ipv4Family = 2;
    internal const ushort Ipv6Family = 10;

    /// <summary>Writes an endpoint.</summary>
    /// <param name="endPoint">IPv4 or IPv6.</param>
    /// <param name="bytes">At least <see cref="BytesMax"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(IPEndPoint endPoint, Span<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        bool isIpv4 = endPoint.AddressFamily == AddressFamily.InterNetwork;
        int length = isIpv4 ? Ipv4Bytes : BytesMax;
        bytes[..length].Clear();
        // The family is a number of the host's byte order, port and address are of the network's.
        BitConverter.TryWriteBytes(bytes, isIpv4 ? Ipv4Family : Ipv6Family);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(bytes[(isIpv4 ? 4 : 8)..], out _);
        if (!isIpv4)
        {
            BitConverter.TryWriteBytes(bytes[24..], (uint)endPoint.Address.ScopeId);
        }

        return length;
    }

    /// <summary>Reads an endpoint that the kernel wrote; IPv4-mapped addresses become IPv4.</summary>
    public static IPEndPoint Read(ReadOnlySpan<byte> bytes)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (BitConverter.ToUInt16(bytes) == Ipv4Family)
        {
            return new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), port);
        }

        IPAddress address = new(bytes.Slice(8, 16), BitConverter.ToUInt32(bytes[24..]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }
}
