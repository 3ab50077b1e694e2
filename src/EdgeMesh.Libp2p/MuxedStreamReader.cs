using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Libp2p;

/// <summary>A stream's input: the stock pipe's reader, which also tells the stream what was consumed, so that its window
/// can be topped up.</summary>
internal sealed class MuxedStreamReader(MuxedStream stream, PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _lent;
    private bool _isCompleted;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult result = await inner.ReadAsync(cancellationToken);
        _lent = result.Buffer;
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isRead = inner.TryRead(out result);
        if (isRead)
        {
            _lent = result.Buffer;
        }

        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        long bytes = _lent.IsEmpty ? 0 : _lent.Slice(0, consumed).Length;
        _lent = default;
        inner.AdvanceTo(consumed, examined);
        if (bytes > 0)
        {
            stream.HandleConsumed(bytes);
        }
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        _isCompleted = true;
        _lent = default;
        inner.Complete(exception);
        stream.HandleInputCompleted();
    }
}
