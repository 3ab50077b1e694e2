namespace EdgeMesh.Io;

/// <summary>How a loop talks to the kernel.</summary>
public enum IoBackend
{
    /// <summary>io_uring if the kernel allows it, else epoll.</summary>
    Auto = 0,

    /// <summary>io_uring, or an error that says why not.</summary>
    IoUring,

    /// <summary>epoll and one system call per read and write.</summary>
    Epoll,
}
