using System;
using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Sockets;

/// <summary>Reads a TCP connection into one pinned buffer, so that what is unread always lies in one piece.</summary>
/// <remarks><code>
///  0        _start         _end            length
///  +----------+--------------+---------------+
///  | consumed |    unread    |     free      |   consumed bytes are reclaimed when nothing is unread, or by moving
///  +----------+--------------+---------------+   the unread ones down when the free part is small
/// </code></remarks>
public sealed class TcpReader : PipeReader
{
    private readonly TcpConnection _connection;
    private readonly EventLoop _loop;
    private readonly ReceiveOperation _receive;
    private readonly Waiter<ReadResult> _waiter;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private int _examined;
    private bool _isLent; // a read result was given out and not yet advanced
    private bool _isCanceled;
    private bool _isEnded;
    private bool _isStopped;
    private int _failure;

    internal TcpReader(TcpConnection connection, EventLoop loop, int descriptor, int bytes)
    {
        _connection = connection;
        _loop = loop;
        _waiter = new Waiter<ReadResult>(loop);
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

        Debug.Assert(!_waiter.IsWaiting, "one read at a time");
        if (!_receive.IsPending)
        {
            StartReceive();
        }

        return _waiter.Wait(cancellationToken);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        Debug.Assert(!_waiter.IsWaiting, "one read at a time");
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
            // Not under a receive that goes on after a canceled read: its bytes will come where the end was.
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

    private void StartReceive()
    {
        Debug.Assert(!_receive.IsPending, "the kernel has the buffer");
        if (_start > 0 && _buffer.Length - _end < BufferLimits.MessageBytes)
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
        if (_buffer.Length >= BufferLimits.ReceiveBytes)
        {
            throw new InvalidOperationException("the reader asks for more than the buffer holds");
        }

        int bytes = Math.Min(_buffer.Length * 2, BufferLimits.ReceiveBytes);
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
            if (_waiter.IsWaiting)
            {
                _waiter.Fail(new TcpException(Errno.ECONNRESET, _connection.Operation("receiving from")));
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
        if (!_waiter.IsWaiting)
        {
            return;
        }

        if (_failure != 0 && _end == _examined)
        {
            _waiter.Fail(new TcpException(-_failure, _connection.Operation("receiving from")));
        }
        else
        {
            _waiter.End(TakeResult());
        }
    }

    private void ResumeIfCanceled()
    {
        if (_isCanceled)
        {
            Resume();
        }
    }

    private sealed class ReceiveOperation(TcpReader reader) : LoopOperation
    {
        protected override void Completed() => reader.HandleReceived(Result);
    }
}
