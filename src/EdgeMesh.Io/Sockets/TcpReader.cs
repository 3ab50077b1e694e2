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
    private readonly ReceiveOperation _receive;
    private byte[] _buffer;
    private ManualResetValueTaskSourceCore<ReadResult> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;
    private int _start;
    private int _end;
    private int _examined;
    private bool _isAwaited;
    private bool _isLent; // a read result was given out and not yet advanced
    private bool _isCanceled;
    private bool _isEnded;
    private bool _isStopped;
    private int _failure;

    internal TcpReader(TcpConnection connection, EventLoop loop, int descriptor, int bytes)
    {
        _connection = connection;
        _loop = loop;
        _buffer = loop.ReceiveBuffers.Get(bytes);
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
        if (!_receive.IsPending)
        {
            StartReceive();
        }

        _source.Reset();
        _isAwaited = true;
        _cancellation = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(
            static state => ((TcpReader)state!).CancelLater(), this);
        return new ValueTask<ReadResult>(this, _source.Version);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        Debug.Assert(!_isAwaited, "one read at a time");
        if (_end > _examined || _isEnded || _isCanceled || _isStopped)
        {
            result = TakeResult();
            return true;
        }

        if (_failure != 0)
        {
            throw new TcpException(-_failure, _connection.Operation("receiving from"));
        }

        result = default;
        return false;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _isLent = false;
        if (_buffer.Length == 0)
        {
            return; // released: what was read is gone already
        }

        int start = consumed.GetInteger();
        int seen = Math.Max(examined.GetInteger(), start);
        if (start < _start || seen > _end)
        {
            throw new InvalidOperationException("the position is not of the last read");
        }

        _start = start;
        _examined = seen;
        if (_start == _end && !_receive.IsPending)
        {
            // Not under a receive that goes on behind a canceled read: its bytes will come where the end was.
            _start = 0;
            _end = 0;
            _examined = 0;
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        // Posted, so that whoever waits is not resumed inside whoever cancels.
        _isCanceled = true;
        _loop.Post(static state => ((TcpReader)state!).ResumeIfCanceled(), this);
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => _isStopped = true;

    internal void Put(byte[] unread)
    {
        Debug.Assert(unread.Length <= _buffer.Length);
        unread.CopyTo(_buffer, 0);
        _end = unread.Length;
    }

    internal byte[] TakeUnread()
    {
        byte[] unread = _buffer.AsSpan(_start.._end).ToArray();
        _start = _end = _examined = 0;
        return unread;
    }

    /// <summary>The connection is closed, or no longer ours: nobody reads here any more.</summary>
    internal void Release()
    {
        Debug.Assert(!_receive.IsPending, "the kernel has the buffer");
        if (!_isLent)
        {
            // else somebody still looks at it: no other connection may write there
            _loop.ReceiveBuffers.Return(_buffer);
        }

        _buffer = [];
        _start = _end = _examined = 0;
        _isStopped = true;
    }

    internal void Stop()
    {
        _isStopped = true;
        if (_receive.IsPending)
        {
            _loop.Cancel(_receive);
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void StartReceive()
    {
        Debug.Assert(!_receive.IsPending, "the kernel has the buffer");
        if (_start > 0 && _buffer.Length - _end < TcpLimits.MessageBytes)
        {
            MoveDown(_buffer);
        }

        if (_end == _buffer.Length)
        {
            Grow();
        }

        _receive.Address = PinnedMemory.AddressOf(_buffer.AsSpan(_end));
        _receive.Length = _buffer.Length - _end;
        _loop.Start(_receive);
    }

    private void Grow()
    {
        if (_buffer.Length >= TcpLimits.ReceiveBytes)
        {
            throw new InvalidOperationException("the reader asks for more than the buffer holds");
        }

        int bytes = Math.Min(_buffer.Length * 2, TcpLimits.ReceiveBytes);
        byte[] larger = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        MoveDown(larger);
        _loop.ReceiveBuffers.Return(_buffer);
        _buffer = larger;
    }

    private void MoveDown(byte[] target)
    {
        Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
        _end -= _start;
        _examined -= _start;
        _start = 0;
    }

    private void HandleReceived(int result)
    {
        if (_isStopped)
        {
            _connection.AfterOperation();
            if (TakeWaiter())
            {
                _source.SetException(new TcpException(Errno.ECONNRESET, _connection.Operation("receiving from")));
            }

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
            _loop.Start(_receive); // as it is: somebody may look at the bytes before its place
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
        _isLent = true;
        ReadOnlySequence<byte> unread = new(_buffer, _start, _end - _start);
        return new ReadResult(unread, isCanceled, _isEnded || _isStopped);
    }

    private void Resume()
    {
        if (!TakeWaiter())
        {
            return;
        }

        if (_failure != 0 && _end == _examined)
        {
            _source.SetException(new TcpException(-_failure, _connection.Operation("receiving from")));
        }
        else
        {
            _source.SetResult(TakeResult());
        }
    }

    private void ResumeIfCanceled()
    {
        if (_isCanceled)
        {
            Resume();
        }
    }

    private void CancelLater() => _loop.Post(static state => ((TcpReader)state!).CancelIfAsked(), this);

    // Posted for an earlier read, it may come when another one waits: then it is not asked. The receive goes on; what
    // it brings is for the next read.
    private void CancelIfAsked()
    {
        if (_isAwaited && _cancellation.IsCancellationRequested)
        {
            TakeWaiter();
            _source.SetException(new OperationCanceledException(_cancellation));
        }
    }

    private bool TakeWaiter()
    {
        bool isAwaited = _isAwaited;
        _isAwaited = false;
        _registration.Dispose();
        _registration = default;
        return isAwaited;
    }

    private sealed class ReceiveOperation(TcpReader reader) : LoopOperation
    {
        protected override void Completed() => reader.HandleReceived(Result);
    }
}
