using System.Runtime.InteropServices;

namespace EdgeMesh.Native.Netlink;

/// <summary><c>struct rtmsg</c> of linux/rtnetlink.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteHeader
{
    internal const int SizeBytes = 12;

    internal byte Family;
    internal byte DestinationLength;
    internal byte SourceLength;
    internal byte TypeOfService;
    internal byte Table;        // RT_TABLE_*; RTA_TABLE if it doesn't fit
    internal byte Protocol;     // RTPROT_*
    internal byte Scope;        // RT_SCOPE_*
    internal byte Type;         // RTN_*
    internal uint Flags;        // RTM_F_*
}
