using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Tun;

/// <summary>Packets from a TUN queue; a read result has one segment per packet.</summary>
public sealed class TunReader : PipeReader
{
    internal TunReader()
    {
    }

    /// <summary>Packets read.</summary>
    public long Packets => throw new NotSupportedException();

    /// <summary>Packets read and dropped because the pool had no slot left.</summary>
    public long PoolExhausted => throw new NotSupportedException();

    /// <summary>Moves packets of the last read to the caller, oldest first.</summary>
    /// <returns>How many; 0 if none is left.</returns>
    public int Take(Span<Packet> batch) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void CancelPendingRead() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result) => throw new NotSupportedException();
}
