using System;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeMesh.Native.Tun;

/// <summary><c>struct ifreq</c> of linux/if.h: a link's name and one value.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct InterfaceRequest
{
    [FieldOffset(0)]
    public fixed byte Name[TunConstants.NameBytes];
    [FieldOffset(16)]
    public short Flags;
    [FieldOffset(16)]
    public int Value;

    public static InterfaceRequest For(string name)
    {
        InterfaceRequest request = default;
        Encoding.ASCII.GetBytes(name, new Span<byte>(request.Name, TunConstants.NameBytes - 1));
        return request;
    }
}
