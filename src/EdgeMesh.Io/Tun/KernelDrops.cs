using System;
using System.Threading;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.Io.Tun;

/// <summary>What the kernel dropped of the packets that it should have put into a link's queues.</summary>
/// <remarks>
/// The link outlives us, and so does the kernel's count: what was there before is not ours. A link that was deleted and
/// made again begins at zero. Safe from every thread.
/// </remarks>
internal sealed class KernelDrops(RouteSocket kernel, LinkInfo link) : IDisposable
{
    private readonly Lock _lock = new();
    private long _last = link.TransmitDropped;
    private long _sum;
    private bool _isClosed;

    /// <summary>So far; what it was, if the kernel does not tell.</summary>
    public long Read()
    {
        lock (_lock)
        {
            try
            {
                if (!_isClosed && kernel.FindLink(link.Name) is { } now)
                {
                    Add(now.TransmitDropped);
                }
            }
            catch (NetlinkException)
            {
                // It says more at the next look, or never again: a figure for people is not worth the data path.
            }

            return _sum;
        }
    }

    /// <summary>Whether the link is there and up; false if the kernel does not tell.</summary>
    public bool IsLinkUp()
    {
        lock (_lock)
        {
            try
            {
                return !_isClosed && kernel.FindLink(link.Name) is { IsUp: true };
            }
            catch (NetlinkException)
            {
                return false;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            kernel.Dispose();
        }
    }

    /// <summary>Takes in what the kernel counts now.</summary>
    internal void Add(long count)
    {
        _sum += count >= _last ? count - _last : count;
        _last = count;
    }
}
