using System.Runtime.InteropServices;

namespace EdgeMesh.Native;

/// <summary>Error numbers of Linux (asm-generic/errno.h); the same on x86-64 and arm64.</summary>
public static class Errno
{
    /// <summary>Operation not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file or directory.</summary>
    public const int ENOENT = 2;

    /// <summary>Interrupted system call.</summary>
    public const int EINTR = 4;

    /// <summary>Input/output error; a TUN whose link is down says so.</summary>
    public const int EIO = 5;

    /// <summary>Bad file descriptor; a TUN queue that lost its device says EBADFD.</summary>
    public const int EBADF = 9;

    /// <summary>Try again.</summary>
    public const int EAGAIN = 11;

    /// <summary>Out of memory, or over a limit of it.</summary>
    public const int ENOMEM = 12;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>Device or resource busy.</summary>
    public const int EBUSY = 16;

    /// <summary>File exists.</summary>
    public const int EEXIST = 17;

    /// <summary>No such device.</summary>
    public const int ENODEV = 19;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files in the system.</summary>
    public const int ENFILE = 23;

    /// <summary>Too many open files in the process.</summary>
    public const int EMFILE = 24;

    /// <summary>Timer expired.</summary>
    public const int ETIME = 62;

    /// <summary>Function not implemented.</summary>
    public const int ENOSYS = 38;

    /// <summary>File descriptor in bad state: the TUN queue's link was deleted.</summary>
    public const int EBADFD = 77;

    /// <summary>Operation not supported.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>Address already in use.</summary>
    public const int EADDRINUSE = 98;

    /// <summary>Connection reset by peer.</summary>
    public const int ECONNRESET = 104;

    /// <summary>No buffer space available.</summary>
    public const int ENOBUFS = 105;

    /// <summary>Operation now in progress.</summary>
    public const int EINPROGRESS = 115;

    /// <summary>Operation canceled.</summary>
    public const int ECANCELED = 125;

    /// <summary>The last call's error number on this thread.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The C library's sentence for an error number.</summary>
    public static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
