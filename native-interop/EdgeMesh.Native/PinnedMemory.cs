using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeMesh.Native;

/// <summary>Addresses of memory that the garbage collector never moves.</summary>
public static unsafe class PinnedMemory
{
    /// <summary>The address of a span's first byte.</summary>
    /// <param name="span">
    /// Must be of pinned memory (the pinned object heap or native), else the address is worth nothing.
    /// </param>
    public static nint AddressOf(ReadOnlySpan<byte> span) =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));
}
