using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A stream's input: the stock pipe's reader, which also tells the stream what was consumed, so that its
/// window can be topped up.</summary>
/// <remarks>
/// Reads hand out a value task of our own, not of an async method: a task completed under a SynchronizationContext
/// sends continuations of ConfigureAwait(false) to another thread, and the framework's helpers on pipes use that.
/// </remarks>
internal sealed class MuxedStreamReader : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly MuxedStream _stream;
    private readonly PipeReader _inner;
    private readonly Action _handleRead;
    private ValueTaskAwaiter<ReadResult> _reading;
    private Action<object?>? _continuation;
    private object? _state;
    private short _token;
    private ReadOnlySequence<byte> _lent;
    private bool _isCompleted;

    public MuxedStreamReader(MuxedStream stream, PipeReader inner)
    {
        _stream = stream;
        _inner = inner;
        _handleRead = HandleRead;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
#pragma warning disable CA2012 // Consumed exactly once: here, or by GetResult.
        _reading = _inner.ReadAsync(cancellationToken).GetAwaiter();
#pragma warning restore CA2012
        if (_reading.IsCompleted)
        {
            return new ValueTask<ReadResult>(TakeResult());
        }

        _token = unchecked((short)(_token + 1));
        return new ValueTask<ReadResult>(this, _token);
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isRead = _inner.TryRead(out result);
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
        _inner.AdvanceTo(consumed, examined);
        if (bytes > 0)
        {
            _stream.HandleConsumed(bytes);
        }
    }

    // The framework's own copy leaves the thread when a write has to wait.
    public override async Task CopyToAsync(PipeWriter destination, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ReadResult read = await ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = read.Buffer;
            foreach (ReadOnlyMemory<byte> segment in buffer)
            {
                destination.Write(segment.Span);
            }

            AdvanceTo(buffer.End);
            FlushResult flush = await destination.FlushAsync(cancellationToken);
            if (read.IsCompleted || flush.IsCompleted)
            {
                return;
            }
        }
    }

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        _isCompleted = true;
        _lent = default;
        _inner.Complete(exception);
        _stream.HandleInputCompleted();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        CheckToken(token);
        _token = unchecked((short)(_token + 1));
        return TakeResult();
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token)
    {
        CheckToken(token);

        // A failure shows when the result is taken; until then "succeeded" says only that it is there.
        return _reading.IsCompleted ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckToken(token);
        _continuation = continuation;
        _state = state;

        // The pipe comes back on the connection's thread, whatever the flags say: there is only one place to be.
        _reading.UnsafeOnCompleted(_handleRead);
    }

    private ReadResult TakeResult()
    {
#pragma warning disable VSTHRD002 // It is complete.
        ReadResult result = _reading.GetResult();
#pragma warning restore VSTHRD002
        _lent = result.Buffer;
        return result;
    }

    private void HandleRead()
    {
        Action<object?>? continuation = _continuation;
        object? state = _state;
        _continuation = null;
        _state = null;
        continuation?.Invoke(state);
    }

    private void CheckToken(short token)
    {
        if (token != _token)
        {
            throw new InvalidOperationException("a read's value task was used twice");
        }
    }
}
