using System;
using System.Buffers;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>The body of an answer in a buffer; give it back by disposing, once.</summary>
internal sealed class KubeBody : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    // The pool keeps what it gets back for minutes. Pages of a list come one after another; shards of the mesh are
    // larger, and a node reads them once in its life.
    private const int PooledBytesMax = 512 * 1024;

    private byte[] _buffer;
    private int _length;

    private KubeBody(int bytes) => _buffer = Rent(bytes);

    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Reads to the end.</summary>
    /// <param name="stream">The body.</param>
    /// <param name="expected">How long it says it is, or null.</param>
    /// <param name="limit">Longest, bytes.</param>
    /// <param name="progressed">Called after each piece.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The body; null if it is longer than the limit.</returns>
    internal static async Task<KubeBody?> ReadAsync(
        Stream stream, long? expected, int limit, Action progressed, CancellationToken cancellation)
    {
        if (expected > limit)
        {
            return null;
        }

        var body = new KubeBody((int)(expected + 1 ?? FirstBytes));
        try
        {
            while (true)
            {
                int read = await stream.ReadAsync(body._buffer.AsMemory(body._length), cancellation);
                if (read == 0)
                {
                    return body;
                }

                progressed();
                body._length += read;
                if (body._length > limit)
                {
                    body.Dispose();
                    return null;
                }

                body.Grow(limit);
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
        {
            Return(buffer);
        }
    }

    private void Grow(int limit)
    {
        if (_length < _buffer.Length)
        {
            return;
        }

        byte[] larger = Rent((int)Math.Min(_buffer.Length * 2L, limit + 1L));
        Bytes.CopyTo(larger);
        Return(_buffer);
        _buffer = larger;
    }

    private static byte[] Rent(int bytes) => bytes <= PooledBytesMax
        ? ArrayPool<byte>.Shared.Rent(bytes)
        : GC.AllocateUninitializedArray<byte>(bytes);

    private static void Return(byte[] buffer)
    {
        if (buffer.Length <= PooledBytesMax)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
