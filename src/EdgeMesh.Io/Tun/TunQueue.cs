using System;
using System.IO.Pipelines;
using EdgeMesh.Native;
using EdgeMesh.Native.Sockets;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Tun;

/// <summary>
/// One queue of a TUN device as a pipe: what pods send comes in, what pods get goes out. A segment is a packet.
/// </summary>
public sealed class TunQueue : IDuplexPipe, IDisposable
{
    private readonly EventLoop _loop;
    private readonly string _name;
    private int _descriptor;
    private bool _isDisposed;

    internal TunQueue(string name, EventLoop loop, PacketPool pool, int descriptor, bool hasVnetHeader)
    {
        _name = name;
        _loop = loop;
        _descriptor = descriptor;
        Input = new TunReader(this, loop, pool, descriptor, hasVnetHeader);
        Output = new TunWriter(loop, pool, descriptor, hasVnetHeader);
    }

    /// <summary>Packets that the kernel routed to us.</summary>
    public TunReader Input { get; }

    /// <summary>Packets for the kernel to route.</summary>
    public TunWriter Output { get; }

    PipeReader IDuplexPipe.Input => Input;

    PipeWriter IDuplexPipe.Output => Output;

    /// <summary>
    /// Closes the queue, on the loop's thread, as soon as the kernel has given back what it holds. The link stays. Who
    /// waits for packets gets a result that says it is the last one.
    /// </summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Input.Stop();
            AfterOperation();
        }
    }

    /// <summary>The reader's operation ended, and no other begins.</summary>
    internal void AfterOperation()
    {
        if (_isDisposed && _descriptor >= 0 && !Input.IsPending)
        {
            Input.Release();
            Output.Release();
            _loop.Forget(_descriptor);
            TcpSocket.Close(_descriptor);
            _descriptor = -1;
        }
    }

    /// <summary>Says what went wrong with the link.</summary>
    internal TunException Explain(string doing, int errno) => new(
        errno switch
        {
            Errno.EBADFD or Errno.EFAULT =>
                $"the TUN link {_name} was deleted while it was in use: restart the data plane, which makes it again",
            Errno.EIO => $"the TUN link {_name} was taken down: bring it up (ip link set {_name} up)",
            Errno.ECANCELED => $"{doing} the TUN link {_name} ended: the event loop is closing",
            _ => $"{doing} the TUN link {_name} failed: {Errno.Describe(errno)} ({Errno.NameOf(errno)})",
        },
        errno);
}
