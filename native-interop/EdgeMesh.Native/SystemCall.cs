using System.Runtime.InteropServices;

namespace EdgeMesh.Native;

/// <summary>syscall(2), for calls and argument forms that Tmds.LibC lacks.</summary>
internal static partial class SystemCall
{
    /// <summary>io_uring_enter(2): the same number on every architecture.</summary>
    public const nint IoUringEnter = 426;

    /// <summary>A system call of six arguments.</summary>
    /// <returns>Its result; -1 with <see cref="Errno.Last"/> set if it failed.</returns>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Invoke(nint number, nint one, nint two, nint three, nint four, nint five, nint six);
}
