using System;
using System.Net;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Sockets;

/// <summary>One attempt to connect a socket.</summary>
internal sealed class ConnectOperation : LoopOperation
{
    private readonly EventLoop _loop;
    private readonly byte[] _address = // the kernel reads it when the operation is submitted
        GC.AllocateArray<byte>(Native.Sockets.SocketAddress.BytesMax, pinned: true);

    public ConnectOperation(EventLoop loop, int descriptor, IPEndPoint endPoint)
    {
        _loop = loop;
        Kind = OperationKind.Connect;
        Descriptor = descriptor;
        Address = PinnedMemory.AddressOf(_address);
        Length = Native.Sockets.SocketAddress.Write(endPoint, _address);
    }

    /// <summary>Gives the attempt up. Safe from every thread.</summary>
    public void CancelLater() => _loop.Post(static state => ((ConnectOperation)state!).Cancel(), this);

    private void Cancel()
    {
        if (IsPending)
        {
            _loop.Cancel(this);
        }
    }
}
