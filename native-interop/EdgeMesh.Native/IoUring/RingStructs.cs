using System.Runtime.InteropServices;

#pragma warning disable MA0048 // the structs of one header, linux/io_uring.h, side by side

namespace EdgeMesh.Native.IoUring;

/// <summary><c>struct io_uring_sqe</c>: what we ask.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct Submission
{
    [FieldOffset(0)]
    public byte Opcode;
    [FieldOffset(1)]
    public byte Flags;
    [FieldOffset(2)]
    public ushort IoPriority;
    [FieldOffset(4)]
    public int Descriptor;
    [FieldOffset(8)]
    public ulong Offset;
    [FieldOffset(16)]
    public ulong Address;
    [FieldOffset(24)]
    public uint Length;
    [FieldOffset(28)]
    public uint OperationFlags;
    [FieldOffset(32)]
    public ulong UserData;
}

/// <summary><c>struct io_uring_cqe</c>: what the kernel answers.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Completion
{
    public ulong UserData;
    public int Result;
    public uint Flags;
}

/// <summary><c>struct io_sqring_offsets</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SubmissionRingOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Flags;
    public uint Dropped;
    public uint Array;
    public uint Reserved1;
    public ulong UserAddress;
}

/// <summary><c>struct io_cqring_offsets</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionRingOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Overflow;
    public uint Completions;
    public uint Flags;
    public uint Reserved1;
    public ulong UserAddress;
}

/// <summary><c>struct io_uring_params</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingParameters
{
    public uint SubmissionEntries;
    public uint CompletionEntries;
    public uint Flags;
    public uint SubmissionThreadCpu;
    public uint SubmissionThreadIdle;
    public uint Features;
    public uint WorkQueueDescriptor;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;
    public SubmissionRingOffsets SubmissionRing;
    public CompletionRingOffsets CompletionRing;
}

/// <summary><c>struct io_uring_getevents_arg</c> (IORING_ENTER_EXT_ARG).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WaitArgument
{
    public ulong SignalMask;
    public uint SignalMaskBytes;
    public uint MinWaitMicroseconds;
    public ulong Timeout;
}

/// <summary><c>struct __kernel_timespec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelTimespec
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary><c>struct io_uring_probe_op</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProbeOperation
{
    public byte Opcode;
    public byte Reserved;
    public ushort Flags;
    public uint Reserved2;
}
