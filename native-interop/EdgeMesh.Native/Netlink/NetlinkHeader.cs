using System.Runtime.InteropServices;

namespace EdgeMesh.Native.Netlink;

/// <summary><c>struct nlmsghdr</c> of linux/netlink.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkHeader
{
    internal const int SizeBytes = 16;

    internal uint Length;       // of the message, this header included
    internal ushort Type;       // NLMSG_*, RTM_*
    internal ushort Flags;      // NLM_F_*
    internal uint Sequence;
    internal uint PortId;
}
