using System;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using EdgeMesh.Native;

namespace EdgeMesh.Io.Sockets;

/// <summary>Writes to a TCP connection from one pinned buffer, rented from the loop while something waits to be sent.</summary>
/// <remarks><code>
///  0      _sent            _flushed         _written    length
///  +--------+------------------+---------------+-----------+
///  |  gone  | with the kernel  |  not flushed  |   free    |
///  +--------+------------------+---------------+-----------+
/// </code>
/// A flush starts a send if none is under way, and waits only if more than <see cref="TcpLimits.PauseBytes"/> wait.
/// </remarks>
public sealed class TcpWriter : PipeWriter, IValueTaskSource<FlushResult>
{
    private readonly TcpConnection _connection;
    private readonly EventLoop _loop;
    private readonly SendOperation _send;
    private ManualResetValueTaskSourceCore<FlushResult> _source;
    private byte[]? _buffer;
    private int _sent;
    private int _flushed;
    private int _written;
    private int _sending;
    private bool _isAwaited;
    private bool _isCanceled;
    private bool _isCompleted;
    private bool _isStopped;
    private int _failure;

    internal TcpWriter(TcpConnection connection, EventLoop loop, int descriptor)
    {
        _connection = connection;
        _loop = loop;
        _send = new SendOperation(this) { Kind = OperationKind.Send, Descriptor = descriptor };
    }

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <summary>Bytes written and not yet taken by the kernel.</summary>
    public override long UnflushedBytes => _written - _sent;

    internal bool IsPending => _send.IsPending;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_written);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_written);
    }

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        Debug.Assert(bytes >= 0 && _written + bytes <= _buffer!.Length);
        _written += bytes;
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_failure != 0)
        {
            throw SocketErrors.Of(_failure);
        }

        if (_isStopped)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
        }

        _flushed = _written;
        if (!_send.IsPending)
        {
            StartSend();
        }

        if (_flushed - _sent <= TcpLimits.PauseBytes || _isCanceled)
        {
            return new ValueTask<FlushResult>(TakeResult());
        }

        Debug.Assert(!_isAwaited, "one flush at a time");
        _source.Reset();
        _isAwaited = true;
        return new ValueTask<FlushResult>(this, _source.Version);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
        _isCanceled = true;
        Resume();
    }

    /// <summary>Nothing more is written: when all is sent, the far end sees the end of the stream.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted || _isStopped)
        {
            return;
        }

        _isCompleted = true;
        _flushed = _written;
        if (!_send.IsPending)
        {
            StartSend();
        }

        EndIfSent();
    }

    internal void Stop()
    {
        _isStopped = true;
        if (_send.IsPending)
        {
            _loop.Cancel(_send);
        }

        if (_isAwaited)
        {
            _isAwaited = false;
            _source.SetException(SocketErrors.Of(-Errno.ECONNRESET));
        }
    }

    internal void Release()
    {
        Debug.Assert(!_send.IsPending);
        if (_buffer is { Length: TcpLimits.SendBytes } buffer)
        {
            _loop.SendBuffers.Return(buffer);
        }

        _buffer = null;
        _sent = _flushed = _written = 0;
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void MakeRoom(int bytes)
    {
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        _buffer ??= _loop.SendBuffers.Get();
        if (_buffer.Length - _written >= bytes)
        {
            return;
        }

        // The kernel reads [_sent, _sending) where it lies: only while no send is under way may the bytes move down.
        if (_send.IsPending || _buffer.Length - (_written - _sent) < bytes)
        {
            throw new InvalidOperationException("more is written than the send buffer holds: wait for the flush");
        }

        MoveDown();
    }

    private void MoveDown()
    {
        Buffer.BlockCopy(_buffer!, _sent, _buffer!, 0, _written - _sent);
        _flushed -= _sent;
        _written -= _sent;
        _sent = 0;
    }

    private void StartSend()
    {
        if (_sent == _flushed)
        {
            return;
        }

        _sending = _flushed - _sent;
        _send.Address = PinnedMemory.AddressOf(_buffer.AsSpan(_sent));
        _send.Length = _sending;
        _loop.Start(_send);
    }

    private void HandleSent(int result)
    {
        if (_isStopped)
        {
            _connection.AfterOperation();
            return;
        }

        if (result < 0 && result != -Errno.EINTR && result != -Errno.EAGAIN)
        {
            _failure = result;
            Resume();
            return;
        }

        _sent += Math.Max(result, 0);
        if (_sent == _written)
        {
            Release();
        }
        else
        {
            MoveDown(); // before the next send fixes the bytes where they lie
            StartSend();
        }

        if (_flushed - _sent <= TcpLimits.PauseBytes)
        {
            Resume();
        }

        EndIfSent();
    }

    private void EndIfSent()
    {
        if (_isCompleted && _sent == _written && !_send.IsPending)
        {
            _connection.ShutdownOutput();
        }
    }

    private FlushResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        return new FlushResult(isCanceled, _isCompleted);
    }

    private void Resume()
    {
        if (!_isAwaited)
        {
            return;
        }

        _isAwaited = false;
        if (_failure != 0)
        {
            _source.SetException(SocketErrors.Of(_failure));
        }
        else
        {
            _source.SetResult(TakeResult());
        }
    }

    private sealed class SendOperation(TcpWriter writer) : LoopOperation
    {
        protected override void Completed() => writer.HandleSent(Result);
    }
}
