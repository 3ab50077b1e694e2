using System.Runtime.InteropServices;

namespace EdgeMesh.Native.Netlink;

/// <summary><c>struct ifaddrmsg</c> of linux/if_addr.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressHeader
{
    internal const int SizeBytes = 8;

    internal byte Family;
    internal byte PrefixLength;
    internal byte Flags;
    internal byte Scope;
    internal uint Index;        // of the link
}
