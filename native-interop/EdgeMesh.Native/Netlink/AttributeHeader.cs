using System.Runtime.InteropServices;

namespace EdgeMesh.Native.Netlink;

/// <summary><c>struct nlattr</c> of linux/netlink.h, the same as <c>struct rtattr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AttributeHeader
{
    internal const int SizeBytes = 4;
    internal const ushort TypeMask = 0x3fff; // NLA_TYPE_MASK: above are NLA_F_NESTED and NLA_F_NET_BYTEORDER

    internal ushort Length;     // of the attribute, this header included, padding not
    internal ushort Type;
}
