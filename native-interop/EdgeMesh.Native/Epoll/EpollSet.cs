using System;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace EdgeMesh.Native.Epoll;

/// <summary>
/// One epoll set: descriptors and what became ready (epoll(7)). Edges only: each readiness is told once.
/// </summary>
public sealed unsafe class EpollSet : IDisposable
{
    /// <summary>Events taken in one wait.</summary>
    public const int EventsMax = 256;

    private readonly byte[] _events = GC.AllocateArray<byte>(EventsMax * sizeof(epoll_event), pinned: true);
    private int _fd;

    /// <summary>Opens one.</summary>
    /// <exception cref="NativeException">Out of descriptors or memory.</exception>
    public EpollSet()
    {
        _fd = epoll_create1(EPOLL_CLOEXEC);
        if (_fd < 0)
        {
            throw new NativeException("epoll can't be opened: raise the limit of open files (ulimit -n)", Errno.Last);
        }
    }

    /// <summary>Watches a descriptor, both directions.</summary>
    /// <param name="fd">Any descriptor that can be polled.</param>
    /// <param name="token">Comes back with its events.</param>
    /// <returns>0 or an errno.</returns>
    public int Add(int fd, long token)
    {
        epoll_event item = default;
        item.events = unchecked((int)(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET));
        item.data.u64 = (ulong)token;
        return epoll_ctl(_fd, EPOLL_CTL_ADD, fd, &item) < 0 ? Errno.Last : 0;
    }

    /// <summary>Stops watching.</summary>
    public void Remove(int fd)
    {
        epoll_event item = default;
        _ = epoll_ctl(_fd, EPOLL_CTL_DEL, fd, &item);
    }

    /// <summary>Waits for events.</summary>
    /// <param name="millisecondsMax">Longest wait; -1: no limit.</param>
    /// <returns>How many came; read them by <see cref="EventAt"/>.</returns>
    public int Wait(int millisecondsMax)
    {
        int count = epoll_wait(_fd, Events, EventsMax, millisecondsMax);
        return count < 0 ? 0 : count;
    }

    /// <summary>One event of the last wait.</summary>
    public (long Token, bool IsReadable, bool IsWritable) EventAt(int index)
    {
        epoll_event item = Events[index];
        bool isBroken = (item.events & (int)(EPOLLERR | EPOLLHUP)) != 0;
        bool isReadable = isBroken || (item.events & (int)(EPOLLIN | EPOLLRDHUP)) != 0;
        return ((long)item.data.u64, isReadable, isBroken || (item.events & (int)EPOLLOUT) != 0);
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

    private epoll_event* Events => (epoll_event*)PinnedMemory.AddressOf(_events);
}
