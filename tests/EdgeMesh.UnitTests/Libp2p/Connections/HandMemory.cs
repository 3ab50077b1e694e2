using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>A transport's memory that nobody may flush.</summary>
internal sealed class HandMemory : PipeWriter
{
    private readonly byte[] _bytes = new byte[1 << 20];
    private int _length;

    /// <summary>What was written since the last call.</summary>
    public byte[] Take()
    {
        byte[] taken = _bytes[.._length];
        _length = 0;
        return taken;
    }

    public override void Advance(int bytes) => _length += bytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_length);

    public override Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_length);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("the core flushes nothing");

    public override void CancelPendingFlush() => throw new NotSupportedException("the core flushes nothing");

    public override void Complete(Exception? exception = null) =>
        throw new NotSupportedException("the core completes nothing");
}
