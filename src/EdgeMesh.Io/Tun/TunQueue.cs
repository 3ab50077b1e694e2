using System;
using System.IO.Pipelines;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Tun;

/// <summary>One queue of a TUN device as a pipe: what pods send comes in, what pods get goes out. One segment is one packet.</summary>
public sealed class TunQueue : IDuplexPipe, IDisposable
{
    private readonly EventLoop _loop;
    private int _descriptor;

    internal TunQueue(EventLoop loop, PacketPool pool, int descriptor, bool hasVnetHeader)
    {
        _loop = loop;
        _descriptor = descriptor;
        Input = new TunReader(loop, pool, descriptor, hasVnetHeader);
        Output = new TunWriter(loop, pool, descriptor, hasVnetHeader);
    }

    /// <summary>Packets that the kernel routed to us.</summary>
    public TunReader Input { get; }

    /// <summary>Packets for the kernel to route.</summary>
    public TunWriter Output { get; }

    PipeReader IDuplexPipe.Input => Input;

    PipeWriter IDuplexPipe.Output => Output;

    /// <summary>Closes the queue, on the loop's thread. The link stays.</summary>
    public void Dispose()
    {
        if (_descriptor < 0)
        {
            return;
        }

        Input.Stop();
        while (Input.IsPending)
        {
            _loop.RunOnce(TimeSpan.FromMilliseconds(10)); // the kernel gives the read up
        }

        Input.Release();
        Output.Release();
        _loop.Forget(_descriptor);
        TcpSocket.Close(_descriptor);
        _descriptor = -1;
    }
}
