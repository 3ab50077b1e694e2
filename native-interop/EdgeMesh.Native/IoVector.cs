using System.Runtime.InteropServices;

namespace EdgeMesh.Native;

/// <summary><c>struct iovec</c> of sys/uio.h: one piece of a gathered write.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoVector
{
    /// <summary>Address of the first byte.</summary>
    public nint Address;

    /// <summary>Bytes.</summary>
    public nint Length;
}
