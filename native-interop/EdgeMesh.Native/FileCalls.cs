using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace EdgeMesh.Native;

/// <summary>
/// Reads and writes of a device, and the mode of its descriptor. Each returns a count, or a negated errno.
/// </summary>
public static unsafe partial class FileCalls
{
    /// <summary>read(2).</summary>
    public static int Read(int fd, nint address, int length) => Check((long)read(fd, (void*)address, length));

    /// <summary>preadv2(2) with RWF_NOWAIT, at the file's own position.</summary>
    public static int ReadNoWait(int fd, nint address, int length)
    {
        IoVector vector = new() { Address = address, Length = length };
        return Check(Preadv2(fd, (nint)(&vector), 1, -1, (int)IoUring.RingConstants.NoWait));
    }

    /// <summary>write(2).</summary>
    public static int Write(int fd, nint address, int length) => Check((long)write(fd, (void*)address, length));

    /// <summary>writev(2).</summary>
    /// <param name="fd">Where to.</param>
    /// <param name="vectors">Address of an array of <c>struct iovec</c>.</param>
    /// <param name="count">Its entries.</param>
    public static int GatherWrite(int fd, nint vectors, int count) => Check(Writev(fd, vectors, count));

    /// <summary>Makes calls on a descriptor return EAGAIN instead of waiting, or wait again (O_NONBLOCK).</summary>
    /// <returns>0, or a negated errno.</returns>
    public static int SetNonBlocking(int fd, bool isNonBlocking)
    {
        int flags = fcntl(fd, F_GETFL);
        flags = isNonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        return Check(fcntl(fd, F_SETFL, flags));
    }

    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Writev(int fd, nint vectors, int count);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Preadv2(int fd, nint vectors, int count, long offset, int flags);

    private static int Check(long result) => result < 0 ? -Errno.Last : (int)result;
}
