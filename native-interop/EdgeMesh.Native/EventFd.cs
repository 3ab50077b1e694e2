using static Tmds.Linux.LibC;

namespace EdgeMesh.Native;

/// <summary>An eventfd: a counter that wakes whoever polls it (eventfd(2)).</summary>
public sealed unsafe class EventFd : System.IDisposable
{
    private int _fd;

    /// <summary>Opens one, non-blocking.</summary>
    /// <exception cref="NativeException">Out of descriptors or memory.</exception>
    public EventFd()
    {
        _fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (_fd < 0)
        {
            throw new NativeException(
                "eventfd: the process can't be woken; raise the limit of open files (ulimit -n)", Errno.Last);
        }
    }

    /// <summary>The descriptor.</summary>
    public int Descriptor => _fd;

    /// <summary>Makes it readable. Safe from every thread until disposed.</summary>
    public void Signal()
    {
        ulong one = 1;
        _ = write(_fd, &one, sizeof(ulong)); // fails only when the counter is full, and then it is readable already
    }

    /// <summary>Makes it unreadable again.</summary>
    public void Clear()
    {
        ulong value;
        _ = read(_fd, &value, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd >= 0)
        {
            _ = close(_fd);
            _fd = -1;
        }
    }
}
