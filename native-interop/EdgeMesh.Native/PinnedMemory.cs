using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

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

    /// <summary>Asks the kernel for huge pages where whole ones fit (madvise(2), MADV_HUGEPAGE).</summary>
    /// <param name="pinned">Pinned memory.</param>
    /// <returns>0, or a negative error: EINVAL if the kernel has no transparent huge pages.</returns>
    public static int AdviseHugePages(byte[] pinned)
    {
        const nint HugePageBytes = 2 << 20; // x86-64 and arm64 with pages of 4 KiB
        nint begin = (AddressOf(pinned) + HugePageBytes - 1) & ~(HugePageBytes - 1);
        nint end = (AddressOf(pinned) + pinned.Length) & ~(HugePageBytes - 1);
        return begin >= end || madvise((void*)begin, (size_t)(end - begin), MADV_HUGEPAGE) == 0 ? 0 : -Errno.Last;
    }
}
