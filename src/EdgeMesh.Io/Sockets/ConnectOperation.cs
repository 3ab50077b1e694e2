using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Sockets;

/// <summary>One attempt to connect a socket.</summary>
internal sealed class ConnectOperation : LoopOperation
{
    private readonly EventLoop _loop;
    private readonly Waiter<int> _waiter;
    private readonly byte[] _address = // the kernel reads it when the operation is submitted
        GC.AllocateArray<byte>(Native.Sockets.SocketAddress.BytesMax, pinned: true);

    public ConnectOperation(EventLoop loop, int descriptor, IPEndPoint endPoint)
    {
        _loop = loop;
        _waiter = new Waiter<int>(loop);
        Kind = OperationKind.Connect;
        Descriptor = descriptor;
        Address = PinnedMemory.AddressOf(_address);
        Length = Native.Sockets.SocketAddress.Write(endPoint, _address);
    }

    /// <summary>Connects; ends when the kernel has given the descriptor back.</summary>
    /// <returns>0, or a negated errno.</returns>
    public ValueTask<int> RunAsync()
    {
        _loop.Start(this);
        return _waiter.Wait(CancellationToken.None);
    }

    /// <summary>Gives the attempt up. Safe from every thread.</summary>
    public void CancelLater() => _loop.Post(static state => ((ConnectOperation)state!).Cancel(), this);

    protected override void Completed() => _waiter.End(Result);

    private void Cancel()
    {
        if (IsPending)
        {
            _loop.Cancel(this);
        }
    }
}
