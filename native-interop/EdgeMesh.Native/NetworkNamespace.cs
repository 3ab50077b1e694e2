using System;
using System.Text;
using static Tmds.Linux.LibC;

namespace EdgeMesh.Native;

/// <summary>The network namespace of a thread (setns(2)).</summary>
public static unsafe class NetworkNamespace
{
    internal const int CloneNewNet = 0x40000000;

    /// <summary>Moves the calling thread, and nothing else of the process, into a network namespace.</summary>
    /// <param name="path">For example <c>/run/netns/name</c>, or <c>/proc/PID/ns/net</c>.</param>
    /// <exception cref="NativeException">There is no such namespace, or the process may not enter it.</exception>
    /// <remarks>Sockets and devices belong to the namespace of the thread that opened them, for ever.</remarks>
    public static void Enter(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        int fd;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + "\0"))
        {
            fd = open(bytes, O_RDONLY | O_CLOEXEC, 0);
        }

        if (fd < 0)
        {
            throw new NativeException($"{path} can't be opened: is there such a network namespace?", Errno.Last);
        }

        int errno = setns(fd, CloneNewNet) < 0 ? Errno.Last : 0;
        _ = close(fd);
        if (errno != 0)
        {
            throw new NativeException($"{path} can't be entered: the process takes CAP_SYS_ADMIN", errno);
        }
    }
}
