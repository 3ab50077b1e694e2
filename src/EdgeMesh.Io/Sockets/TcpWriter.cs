using System;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Native.Sockets;

namespace EdgeMesh.Io.Sockets;

/// <summary>
/// Writes to a TCP connection from pinned buffers, rented from the loop while something waits to be sent.
/// </summary>
/// <remarks>
/// A flush sends at once; if the socket takes everything, it is complete. Else the buffer is the kernel's until the
/// rest is gone, the flush waits for that, and what is written meanwhile goes to a second buffer and leaves with the
/// next flush. So there is no queue here besides what waits for the one flush.
/// </remarks>
public sealed class TcpWriter : PipeWriter
{
    private readonly TcpConnection _connection;
    private readonly EventLoop _loop;
    private readonly SendOperation _send;
    private readonly Waiter<FlushResult> _waiter;
    private byte[]? _filling; // [0, _written) waits for a flush
    private byte[]? _leaving; // [_sent, _leavingBytes) is the kernel's
    private int _written;
    private int _sent;
    private int _leavingBytes;
    private bool _isFlushBehind; // the flush that waits began while an earlier one's bytes were leaving
    private bool _isCanceled;
    private bool _isCompleted;
    private bool _isStopped;
    private int _failure;

    internal TcpWriter(TcpConnection connection, EventLoop loop, int descriptor)
    {
        _connection = connection;
        _loop = loop;
        _waiter = new Waiter<FlushResult>(loop);
        _send = new SendOperation(this) { Kind = OperationKind.Send, Descriptor = descriptor };
    }

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <summary>Bytes written and not yet taken by the kernel.</summary>
    public override long UnflushedBytes => _written + _leavingBytes - _sent;

    internal bool IsPending => _send.IsPending;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// More than <see cref="BufferLimits.SendBytes"/> is written without a flush.
    /// </exception>
    public override Memory<byte> GetMemory(int sizeHint = 0) => MakeRoom(sizeHint).AsMemory(_written);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// More than <see cref="BufferLimits.SendBytes"/> is written without a flush.
    /// </exception>
    public override Span<byte> GetSpan(int sizeHint = 0) => MakeRoom(sizeHint).AsSpan(_written);

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        Debug.Assert(bytes >= 0);
        Debug.Assert(_filling is not null && _written + bytes <= _filling.Length);
        _written += bytes;
    }

    /// <summary>Sends what was written; complete when the kernel has it.</summary>
    /// <exception cref="TcpException">The connection is broken.</exception>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_failure != 0)
        {
            throw new TcpException(_failure, _connection.Operation("sending to"));
        }

        if (_waiter.IsWaiting)
        {
            throw new InvalidOperationException("one flush at a time");
        }

        _isFlushBehind = _leaving is not null && _written > 0;
        if (_isStopped || _isCanceled || (_leaving is null && TrySendAll()))
        {
            return new ValueTask<FlushResult>(TakeResult());
        }

        if (_failure != 0)
        {
            throw new TcpException(_failure, _connection.Operation("sending to"));
        }

        return _waiter.Wait(cancellationToken);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
        // Posted, so that whoever waits is not resumed inside whoever cancels.
        _isCanceled = true;
        _loop.Post(static state => ((TcpWriter)state!).ResumeIfCanceled(), this);
    }

    /// <summary>
    /// Nothing more is written: when all is sent, the far end sees the end of the stream. With an exception, what was
    /// not flushed is thrown away.
    /// </summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted || _isStopped)
        {
            return;
        }

        _isCompleted = true;
        if (exception is not null)
        {
            _written = 0;
        }

        SendRest();
    }

    internal void Stop()
    {
        _isStopped = true;
        if (_send.IsPending)
        {
            _loop.Cancel(_send);
        }
        else
        {
            Release(); // at once, not when the reader's last operation ends: strangers come by the thousand
        }
    }

    internal void Release()
    {
        Debug.Assert(!_send.IsPending, "the kernel has the buffer");
        Return(ref _filling);
        Return(ref _leaving);
        _written = _sent = _leavingBytes = 0;
    }

    private byte[] MakeRoom(int sizeHint)
    {
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        _filling ??= _loop.SendBuffers.Get();
        return _filling.Length - _written >= Math.Max(sizeHint, 1)
            ? _filling
            : throw new InvalidOperationException("more is written than the send buffer holds: flush, and wait for it");
    }

    // False: the kernel has the buffer until the rest is gone, or the connection failed.
    private bool TrySendAll()
    {
        if (_written == 0)
        {
            return true;
        }

        int sent;
        do
        {
            _loop.CountSystemCall();
            sent = TcpSocket.Send(_send.Descriptor, PinnedMemory.AddressOf(_filling), _written);
        }
        while (sent == -Errno.EINTR);

        if (sent < 0 && sent != -Errno.EAGAIN)
        {
            _failure = -sent;
            _written = 0;
            Return(ref _filling);
            return false;
        }

        if (sent == _written)
        {
            _written = 0;
            Return(ref _filling);
            return true;
        }

        _leaving = _filling;
        _leavingBytes = _written;
        _sent = Math.Max(sent, 0);
        _filling = null;
        _written = 0;
        StartSend();
        return false;
    }

    private void StartSend()
    {
        _send.Address = PinnedMemory.AddressOf(_leaving.AsSpan(_sent));
        _send.Length = _leavingBytes - _sent;
        _loop.Start(_send);
    }

    private void HandleSent(int result)
    {
        if (_isStopped)
        {
            _connection.AfterOperation();
            if (_waiter.IsWaiting)
            {
                _waiter.Fail(new TcpException(Errno.ECONNRESET, _connection.Operation("sending to")));
            }

            return;
        }

        if (result < 0 && result != -Errno.EINTR && result != -Errno.EAGAIN)
        {
            _failure = -result;
            Resume();
            return;
        }

        _sent += Math.Max(result, 0);
        if (_sent < _leavingBytes)
        {
            StartSend();
            return;
        }

        _sent = _leavingBytes = 0;
        Return(ref _leaving);
        if (_isFlushBehind)
        {
            _isFlushBehind = false;
            if (!TrySendAll() && _failure == 0)
            {
                return;
            }
        }

        Resume();
        if (_isCompleted)
        {
            SendRest();
        }
    }

    private void SendRest()
    {
        if (_leaving is null && TrySendAll())
        {
            _connection.ShutdownOutput();
        }
    }

    private FlushResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        return new FlushResult(isCanceled, isCompleted: _isStopped);
    }

    private void Resume()
    {
        if (!_waiter.IsWaiting)
        {
            return;
        }

        if (_failure != 0)
        {
            _waiter.Fail(new TcpException(_failure, _connection.Operation("sending to")));
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

    private void Return(ref byte[]? buffer)
    {
        if (buffer is { } rented)
        {
            buffer = null;
            _loop.SendBuffers.Return(rented);
        }
    }

    private sealed class SendOperation(TcpWriter writer) : LoopOperation
    {
        protected override void Completed() => writer.HandleSent(Result);
    }
}
