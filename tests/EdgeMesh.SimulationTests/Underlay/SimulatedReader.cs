using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Reads a simulated socket into one buffer, in pieces that the seed chooses.</summary>
/// <remarks>
/// As the product's reader does: what is unread lies in one piece that may be written to; a receive ends in an
/// iteration after the one that started it; a canceled read leaves its receive under way.
/// </remarks>
internal sealed class SimulatedReader : PipeReader
{
    private readonly SimulatedNodeLoop _loop;
    private readonly SimulatedSocket _socket;
    private readonly Random _random;
    private byte[] _buffer;
    private InlineSource<ReadResult>? _waiter;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private int _start;
    private int _end;
    private int _examined;
    private bool _isLent;
    private bool _isCanceled;
    private bool _isEnded;
    private bool _isStopped;
    private bool _isAnswerPlanned;

    internal SimulatedReader(SimulatedNodeLoop loop, SimulatedSocket socket, Random random, byte[] unread)
    {
        _loop = loop;
        _socket = socket;
        _random = random;
        _buffer = new byte[Math.Max(SocketLimits.HandshakeReceiveBytes, unread.Length)];
        unread.CopyTo(_buffer, 0);
        _end = unread.Length;
    }

    /// <summary>Whether a receive is under way.</summary>
    internal bool IsPending { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryRead(out ReadResult result))
        {
            return new ValueTask<ReadResult>(result);
        }

        IsPending = true;
        _waiter = new InlineSource<ReadResult>();
        _cancellation = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(
            static state => ((SimulatedReader)state!).CancelLater(), this);
        ValueTask<ReadResult> task = _waiter.Task;
        HandleReadable();
        return task;
    }

    public override bool TryRead(out ReadResult result)
    {
        _loop.CheckOnLoop();
        if (_waiter is not null || _isLent)
        {
            throw new InvalidOperationException("one read at a time, and each is advanced before the next");
        }

        if (_end > _examined || _isEnded || _isCanceled || _isStopped)
        {
            result = TakeResult();
            return true;
        }

        if (HasFailed)
        {
            throw SimulatedConnection.Explain(_socket.End, $"receiving from {_socket.Remote}");
        }

        result = default;
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _loop.CheckOnLoop();
        _isLent = false;
        int start = consumed.GetInteger();
        int seen = Math.Max(examined.GetInteger(), start);
        if (_isStopped)
        {
            return;
        }

        if (!ReferenceEquals(consumed.GetObject(), _buffer) || start < _start || seen > _end)
        {
            throw new InvalidOperationException("the position is not of the last read");
        }

        _start = start;
        _examined = seen;
    }

    public override void CancelPendingRead()
    {
        _isCanceled = true;
        _loop.Post(static state => ((SimulatedReader)state!).ResumeIfCanceled(), this);
    }

    public override void Complete(Exception? exception = null) => _isStopped = true;

    internal byte[] TakeUnread()
    {
        byte[] unread = _buffer.AsSpan(_start.._end).ToArray();
        _start = _end = _examined = 0;
        return unread;
    }

    /// <summary>Nobody reads here any more; who waits is told in the next iteration.</summary>
    internal void Stop()
    {
        _isStopped = true;
        HandleReadable();
    }

    /// <summary>Something came, or the end: a receive under way ends in the loop's next iteration.</summary>
    internal void HandleReadable()
    {
        if (IsPending && !_isAnswerPlanned
            && (_isStopped || HasFailed || _socket.ReceivedBytes > 0 || _socket.IsEndReceived))
        {
            _isAnswerPlanned = true;
            _loop.End(static state => ((SimulatedReader)state!).HandleReceived(), this);
        }
    }

    private bool HasFailed => _socket.End != SocketEnd.None && _socket.ReceivedBytes == 0 && !_isEnded;

    private void HandleReceived()
    {
        _isAnswerPlanned = false;
        IsPending = false;
        if (!_isStopped)
        {
            if (_socket.ReceivedBytes > 0)
            {
                Receive();
            }
            else if (!HasFailed)
            {
                _isEnded = true;
            }
        }

        if (TakeWaiter() is { } waiter)
        {
            if (_isStopped || (_end == _examined && !_isEnded))
            {
                waiter.TrySetException(
                    SimulatedConnection.Explain(_socket.End, $"receiving from {_socket.Remote}"));
            }
            else
            {
                waiter.TrySetResult(TakeResult());
            }
        }
    }

    private void Receive()
    {
        if (!_isLent)
        {
            // Under a canceled read that is still looked at, nothing may move.
            MakeRoom();
        }

        int room = _buffer.Length - _end;
        int length = Math.Min(_socket.ReceivedBytes, room);
        if (length > 1 && _random.Next(8) == 0)
        {
            length = _random.Next(1, length);
        }

        _end += _socket.Receive(_buffer.AsSpan(_end, length));
    }

    private void MakeRoom()
    {
        int unread = _end - _start;
        int bytes = _buffer.Length;
        if (unread == bytes || bytes < SocketLimits.ReceiveBytes)
        {
            bytes = Math.Min(bytes * 2, SocketLimits.ReceiveBytes);
        }

        if (unread == bytes)
        {
            throw new InvalidOperationException("the largest message and more lies unread: nobody consumes it");
        }

        byte[] target = bytes == _buffer.Length ? _buffer : new byte[bytes];
        Buffer.BlockCopy(_buffer, _start, target, 0, unread);
        _buffer = target;
        _examined -= _start;
        _end = unread;
        _start = 0;
    }

    private ReadResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        _isLent = true;
        return new ReadResult(
            new ReadOnlySequence<byte>(_buffer, _start, _end - _start), isCanceled, _isEnded || _isStopped);
    }

    private void ResumeIfCanceled()
    {
        if (_isCanceled && TakeWaiter() is { } waiter)
        {
            waiter.TrySetResult(TakeResult());
        }
    }

    private void CancelLater() => _loop.Post(static state => ((SimulatedReader)state!).CancelIfAsked(), this);

    private void CancelIfAsked()
    {
        CancellationToken cancellation = _cancellation;
        if (cancellation.IsCancellationRequested && TakeWaiter() is { } waiter)
        {
            waiter.TrySetCanceled(cancellation);
        }
    }

    private InlineSource<ReadResult>? TakeWaiter()
    {
        InlineSource<ReadResult>? waiter = _waiter;
        _waiter = null;
        _registration.Dispose();
        _registration = default;
        _cancellation = default;
        return waiter;
    }
}
