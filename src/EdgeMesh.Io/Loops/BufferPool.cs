using System;
using Microsoft.Extensions.ObjectPool;

namespace EdgeMesh.Io.Loops;

/// <summary>Pinned buffers of one size that a loop lends to its connections.</summary>
/// <remarks>
/// Pinned memory is collected rarely: thousands of connections that never prove who they are would each leave a buffer
/// until then. A buffer of another size is made when asked for, and left to the collector.
/// </remarks>
internal sealed class BufferPool
{
    private readonly DefaultObjectPool<byte[]> _pool;
    private readonly int _bytes;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="bytes">Size of a buffer, bytes.</param>
    /// <param name="keptMax">Buffers kept while nobody needs them.</param>
    public BufferPool(int bytes, int keptMax)
    {
        _bytes = bytes;
        _pool = new DefaultObjectPool<byte[]>(new Policy(bytes), keptMax);
    }

    /// <summary>Lends a buffer; <see cref="Return"/> gives it back.</summary>
    public byte[] Get() => _pool.Get();

    /// <summary>Lends a buffer of any size; <see cref="Return"/> gives it back.</summary>
    /// <param name="bytes">Its size, bytes.</param>
    public byte[] Get(int bytes) => bytes == _bytes ? Get() : Make(bytes);

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length == _bytes)
        {
            _pool.Return(buffer);
        }
    }

    private static byte[] Make(int bytes) => GC.AllocateUninitializedArray<byte>(bytes, pinned: true);

    private sealed class Policy(int bytes) : IPooledObjectPolicy<byte[]>
    {
        public byte[] Create() => Make(bytes);

        public bool Return(byte[] obj) => true;
    }
}
