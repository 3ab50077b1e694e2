using System;
using Microsoft.Extensions.ObjectPool;

namespace EdgeMesh.Io.Sockets;

/// <summary>Send buffers of one loop, lent to connections that have something to send.</summary>
internal sealed class SendBuffers
{
    /// <summary>
    /// Buffers kept while no connection needs them: two for each of eight busy peers. One that is not kept is garbage
    /// of the packet path.
    /// </summary>
    private const int KeptMax = 16;

    private readonly DefaultObjectPool<byte[]> _pool = new(new Policy(), KeptMax);

    public byte[] Get() => _pool.Get();

    public void Return(byte[] buffer) => _pool.Return(buffer);

    private sealed class Policy : IPooledObjectPolicy<byte[]>
    {
        public byte[] Create() => GC.AllocateUninitializedArray<byte>(TcpLimits.SendBytes, pinned: true);

        public bool Return(byte[] obj) => true;
    }
}
