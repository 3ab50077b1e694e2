namespace EdgeMesh.Io;

/// <summary>How an event loop asks the kernel.</summary>
public enum IoBackend
{
    /// <summary>io_uring where the kernel has it and allows it, else epoll.</summary>
    Auto,

    /// <summary>io_uring, or an error that says why not.</summary>
    IoUring,

    /// <summary>epoll.</summary>
    Epoll,
}
