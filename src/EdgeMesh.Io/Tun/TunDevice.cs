using System;
using System.Collections.Generic;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Tun;

/// <summary>A persistent TUN device with several queues.</summary>
public sealed class TunDevice : IDisposable
{
    private TunDevice()
    {
    }

    /// <summary>Name of the link.</summary>
    public string Name => throw new NotSupportedException();

    /// <summary>Index of the link.</summary>
    public int Index => throw new NotSupportedException();

    /// <summary>Whether packets carry an offload header.</summary>
    public bool HasOffload => throw new NotSupportedException();

    /// <summary>What the kernel leaves to the device: "csum", "tso4", "tso6", "uso".</summary>
    public IReadOnlyList<string> Offloads => throw new NotSupportedException();

    /// <summary>Makes the device, or takes over the one of that name; sets MTU and alias and brings it up.</summary>
    /// <exception cref="TunException">Names the cause and the remedy.</exception>
    public static TunDevice Open(TunOptions options) => throw new NotSupportedException();

    /// <summary>Opens one more queue, on the thread of <paramref name="loop"/>.</summary>
    /// <exception cref="TunException">Names the cause and the remedy.</exception>
    public TunQueue OpenQueue(EventLoop loop, PacketPool pool) => throw new NotSupportedException();

    /// <summary>Closes what no queue took; the device itself persists.</summary>
    public void Dispose()
    {
    }
}
