using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;

namespace EdgeMesh.Lab.Networks;

/// <summary>Limits of a link that Debian's <c>ip</c> has no word for (linux/if_link.h, linux/rtnetlink.h).</summary>
/// <remarks><code>
///  nlmsghdr   length, 4 | type, 2 | flags, 2 | sequence, 4 | port, 4
///  ifinfomsg  family, 1 | pad, 1 | type, 2 | index, 4 | flags, 4 | change, 4
///  rtattr     length, 2 | type, 2 | value, to 4 bytes          twice: name, limit
/// </code></remarks>
internal static class LinkLimits
{
    private const int FamilyNetlink = 16;
    private const int SocketRaw = 3;
    private const ushort NewLink = 16; // RTM_NEWLINK
    private const ushort RequestAndAnswer = 5; // NLM_F_REQUEST | NLM_F_ACK
    private const ushort InterfaceName = 3; // IFLA_IFNAME
    private const ushort GsoIpv4MaxSize = 63; // IFLA_GSO_IPV4_MAX_SIZE, since Linux 6.3
    private const int HeaderBytes = 16;
    private const int InfoBytes = 16;
    private const int AttributeHeaderBytes = 4;

    /// <summary>Sets how large a packet of TCP over IPv4 a link of the thread's namespace may get.</summary>
    /// <exception cref="LabException">The kernel refused; before Linux 6.3 it does.</exception>
    public static void SetLargestPacket(string link, int bytes)
    {
        byte[] name = Encoding.ASCII.GetBytes(link + "\0");
        int nameBytes = AttributeHeaderBytes + ((name.Length + 3) & ~3);
        Span<byte> message = stackalloc byte[HeaderBytes + InfoBytes + nameBytes + AttributeHeaderBytes + 4];
        message.Clear();
        WriteNumber(message, message.Length);
        WriteShort(message[4..], NewLink);
        WriteShort(message[6..], RequestAndAnswer);
        Span<byte> attribute = message[(HeaderBytes + InfoBytes)..];
        WriteShort(attribute, (ushort)(AttributeHeaderBytes + name.Length));
        WriteShort(attribute[2..], InterfaceName);
        name.CopyTo(attribute[AttributeHeaderBytes..]);
        attribute = attribute[nameBytes..];
        WriteShort(attribute, AttributeHeaderBytes + 4);
        WriteShort(attribute[2..], GsoIpv4MaxSize);
        WriteNumber(attribute[AttributeHeaderBytes..], bytes);

        using var handle = new SafeSocketHandle((nint)LibC.socket(FamilyNetlink, SocketRaw, 0), ownsHandle: true);
        using var socket = new Socket(handle);
        socket.Send(message);
        Span<byte> answer = stackalloc byte[1024];
        int length = socket.Receive(answer);
        int error = length < HeaderBytes + 4 ? -1 : MemoryMarshal.Read<int>(answer[HeaderBytes..]);
        if (error != 0)
        {
            throw new LabException($"{link} takes no packets of {bytes} bytes: errno {-error}; Linux 6.3 can");
        }
    }

    // The kernel's own byte order.
    private static void WriteNumber(Span<byte> bytes, int value) => MemoryMarshal.Write(bytes, value);

    private static void WriteShort(Span<byte> bytes, ushort value) => MemoryMarshal.Write(bytes, value);
}
