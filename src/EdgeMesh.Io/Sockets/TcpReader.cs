using System;
using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Sockets;

/// <summary>Reads a TCP connection into one pinned buffer, so that what is unread always lies in one piece.</summary>
/// <remarks><code>
///  0        _start         _end            length
///  +----------+--------------+---------------+
///  | consumed |    unread    |     free      |   consumed bytes are reclaimed when nothing is unread, or by moving
///  +----------+--------------+---------------+   the unread ones down when the free part is small
/// </code></remarks>
public sealed class TcpReader : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly TcpConnection _connection;
    private readonly EventLoop _loop;
    private readonly byte[] _buffer;
    private readonly ReceiveOperation _receive;
    private ManualResetValueTaskSourceCore<ReadResult> _source;
    private CancellationTokenRegistration _cancellation;
    private int _start;
    private int _end;
    private int _examined;
    private bool _isAwaited;
    private bool _isCanceled;
    private bool _isEnded;
    private bool _isStopped;
    private int _failure;

    internal TcpReader(TcpConnection connection, EventLoop loop, int descriptor, int bytes)
    {
        _connection = connection;
        _loop = loop;
        _buffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        _receive = new ReceiveOperation(this) { Kind = OperationKind.Receive, Descriptor = descriptor };
    }

    internal bool IsPending => _receive.IsPending;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryRead(out ReadResult result))
        {
            return new ValueTask<ReadResult>(result);
        }

        Debug.Assert(!_isAwaited, "one read at a time");
        _source.Reset();
        _isAwaited = true;
        if (!_receive.IsPending)
        {
            StartReceive();
        }

        _cancellation = cancellationToken.CanBeCanceled
            ? cancellationToken.UnsafeRegister(static state => ((TcpReader)state!).CancelByToken(), this)
            : default;
        return new ValueTask<ReadResult>(this, _source.Version);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (_end > _examined || _isEnded || _isCanceled || _isStopped)
        {
            result = TakeResult();
            return true;
        }

        if (_failure != 0)
        {
            throw SocketErrors.Of(_failure);
        }

        result = default;
        return false;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        int start = consumed.GetInteger();
        int seen = Math.Max(examined.GetInteger(), start);
        if (start < _start || seen > _end)
        {
            throw new InvalidOperationException("the position is not of the last read");
        }

        _start = start;
        _examined = seen;
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
            _examined = 0;
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        _isCanceled = true;
        Resume();
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => _isStopped = true;

    internal void Put(byte[] unread)
    {
        unread.CopyTo(_buffer, 0);
        _end = unread.Length;
    }

    internal byte[] TakeUnread()
    {
        byte[] unread = _buffer.AsSpan(_start.._end).ToArray();
        _start = _end = _examined = 0;
        return unread;
    }

    internal void Stop()
    {
        _isStopped = true;
        if (_receive.IsPending)
        {
            _loop.Cancel(_receive);
        }

        if (_isAwaited)
        {
            _isAwaited = false;
            _cancellation.Dispose();
            _source.SetException(SocketErrors.Of(-Errno.ECONNRESET));
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void StartReceive()
    {
        if (_end == _buffer.Length || _start > _buffer.Length / 2)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _examined -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            throw new InvalidOperationException("the reader asks for more than the buffer holds");
        }

        _receive.Address = PinnedMemory.AddressOf(_buffer.AsSpan(_end));
        _receive.Length = _buffer.Length - _end;
        _loop.Start(_receive);
    }

    private void HandleReceived(int result)
    {
        if (_isStopped)
        {
            _connection.AfterOperation();
            return;
        }

        if (result > 0)
        {
            _end += result;
        }
        else if (result == 0)
        {
            _isEnded = true;
        }
        else if (result is -Errno.EINTR or -Errno.EAGAIN)
        {
            StartReceive();
            return;
        }
        else
        {
            _failure = result;
        }

        Resume();
    }

    private ReadResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        ReadOnlySequence<byte> unread = new(_buffer, _start, _end - _start);
        return new ReadResult(unread, isCanceled, _isEnded || _isStopped);
    }

    private void Resume()
    {
        if (!_isAwaited)
        {
            return;
        }

        _isAwaited = false;
        _cancellation.Dispose();
        if (_failure != 0 && _end == _examined)
        {
            _source.SetException(SocketErrors.Of(_failure));
        }
        else
        {
            _source.SetResult(TakeResult());
        }
    }

    private void CancelByToken()
    {
        Debug.Assert(_loop.IsOnThread, "a loop's reads are cancelled on its thread");
        if (_isAwaited)
        {
            _isAwaited = false;
            _source.SetException(new OperationCanceledException());
        }
    }

    private sealed class ReceiveOperation(TcpReader reader) : LoopOperation
    {
        protected override void Completed() => reader.HandleReceived(Result);
    }
}
