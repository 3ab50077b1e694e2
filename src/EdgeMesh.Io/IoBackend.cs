namespace EdgeMesh.Io;

/// <summary>How an event loop asks the kernel.</summary>
public enum IoBackend
{
    /// <summary>io_uring where the kernel has it and allows it, else epoll.</summary>
    Auto,

    /// <summary>io_uring, or an error that says why not.</summary>
    IoUring,

    /// <summary>io_uring with nothing that kernels added since Linux 5.10: to find out whether one of those things is
    /// at fault, and for tests.</summary>
    IoUringBasic,

    /// <summary>epoll.</summary>
    Epoll,
}
