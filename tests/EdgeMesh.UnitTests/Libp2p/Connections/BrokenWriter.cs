using System;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>A transport that takes nothing: each flush fails as a reset socket's does.</summary>
internal sealed class BrokenWriter : PipeWriter
{
    private readonly byte[] _bytes = new byte[100_000];

    public override void Advance(int bytes)
    {
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _bytes;

    public override Span<byte> GetSpan(int sizeHint = 0) => _bytes;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromException<FlushResult>(new IOException("connection reset by peer"));

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}
