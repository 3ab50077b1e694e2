using System.Runtime.InteropServices;

namespace EdgeMesh.Native.Netlink;

/// <summary><c>struct ifinfomsg</c> of linux/rtnetlink.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkHeader
{
    internal const int SizeBytes = 16;

    internal byte Family;
    internal byte Padding;
    internal ushort Type;       // ARPHRD_*
    internal int Index;
    internal uint Flags;        // IFF_*
    internal uint Change;       // which flags a request changes
}
