using System;
using System.Diagnostics;
using Microsoft.Extensions.ObjectPool;

namespace EdgeMesh.Io.Sockets;

/// <summary>
/// Receive buffers of one loop: those of handshakes are used again, all others are made when asked for.
/// </summary>
/// <remarks>
/// Pinned memory is collected rarely: thousands of connections that never prove who they are would each leave a buffer
/// behind until then.
/// </remarks>
internal sealed class ReceiveBuffers
{
    /// <summary>Buffers kept while no handshake needs them: 1 MiB.</summary>
    private const int KeptMax = 256;

    private readonly DefaultObjectPool<byte[]> _pool = new(new Policy(), KeptMax);

    public byte[] Get(int bytes) => bytes == TcpLimits.HandshakeReceiveBytes
        ? _pool.Get()
        : GC.AllocateUninitializedArray<byte>(bytes, pinned: true);

    public void Return(byte[] buffer)
    {
        if (buffer.Length == TcpLimits.HandshakeReceiveBytes)
        {
            _pool.Return(buffer);
        }
    }

    private sealed class Policy : IPooledObjectPolicy<byte[]>
    {
        public byte[] Create() =>
            GC.AllocateUninitializedArray<byte>(TcpLimits.HandshakeReceiveBytes, pinned: true);

        public bool Return(byte[] obj)
        {
            Debug.Assert(obj.Length == TcpLimits.HandshakeReceiveBytes);
            return true;
        }
    }
}
