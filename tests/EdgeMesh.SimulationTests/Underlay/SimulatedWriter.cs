using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Writes to a simulated socket; a flush waits while the socket's buffer is full.</summary>
/// <remarks>
/// As the product's writer does: what is written while a flush waits goes to a second buffer and leaves with the next
/// flush, and more than a buffer without a flush is an error of the caller.
/// </remarks>
internal sealed class SimulatedWriter(SimulatedNodeLoop loop, SimulatedSocket socket) : PipeWriter
{
    private byte[]? _filling; // [0, _written) waits for a flush
    private byte[]? _leaving; // [_sent, _leavingBytes) waits for room in the socket
    private InlineSource<FlushResult>? _waiter;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private int _written;
    private int _sent;
    private int _leavingBytes;
    private bool _isFlushBehind;
    private bool _isCanceled;
    private bool _isCompleted;
    private bool _isStopped;
    private bool _isAnswerPlanned;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written + _leavingBytes - _sent;

    internal bool IsPending => _leaving is not null;

    private bool HasFailed => socket.End is not SocketEnd.None;

    public override Memory<byte> GetMemory(int sizeHint = 0) => MakeRoom(sizeHint).AsMemory(_written);

    public override Span<byte> GetSpan(int sizeHint = 0) => MakeRoom(sizeHint).AsSpan(_written);

    public override void Advance(int bytes)
    {
        loop.CheckOnLoop();
        if (bytes < 0 || _filling is null || _written + bytes > _filling.Length)
        {
            throw new InvalidOperationException("advanced beyond the memory that was given");
        }

        _written += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        loop.CheckOnLoop();
        if (_waiter is not null)
        {
            throw new InvalidOperationException("one flush at a time");
        }

        ThrowIfFailed();
        _isFlushBehind = _leaving is not null && _written > 0;
        if (_isStopped || _isCanceled || (_leaving is null && TrySendAll()))
        {
            return new ValueTask<FlushResult>(TakeResult());
        }

        ThrowIfFailed();
        _waiter = new InlineSource<FlushResult>();
        _cancellation = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(
            static state => ((SimulatedWriter)state!).CancelLater(), this);
        return _waiter.Task;
    }

    public override void CancelPendingFlush()
    {
        _isCanceled = true;
        loop.Post(static state => ((SimulatedWriter)state!).ResumeIfCanceled(), this);
    }

    public override void Complete(Exception? exception = null)
    {
        loop.CheckOnLoop();
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
        _written = 0;
        Return(ref _filling);
        HandleWritable();
    }

    /// <summary>The socket takes bytes again, or never will: what waits goes on in the loop's next iteration.</summary>
    internal void HandleWritable()
    {
        if (_leaving is not null && !_isAnswerPlanned)
        {
            _isAnswerPlanned = true;
            loop.End(static state => ((SimulatedWriter)state!).HandleSent(), this);
        }
    }

    private void ThrowIfFailed()
    {
        if (HasFailed && !_isStopped)
        {
            throw SimulatedConnection.Explain(socket.End, $"sending to {socket.Remote}");
        }
    }

    private byte[] MakeRoom(int sizeHint)
    {
        loop.CheckOnLoop();
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        _filling ??= loop.World.RentBuffer();
        return _filling.Length - _written >= Math.Max(sizeHint, 1)
            ? _filling
            : throw new InvalidOperationException("more is written than the send buffer holds: flush, and wait for it");
    }

    // False: the rest waits for room in the socket, or the socket failed.
    private bool TrySendAll()
    {
        if (_written == 0)
        {
            return true;
        }

        int sent = socket.Send(_filling.AsSpan(0, _written));
        if (HasFailed || sent == _written)
        {
            _written = 0;
            Return(ref _filling);
            return !HasFailed;
        }

        _leaving = _filling;
        _leavingBytes = _written;
        _sent = sent;
        _filling = null;
        _written = 0;
        return false;
    }

    private void HandleSent()
    {
        _isAnswerPlanned = false;
        if (_leaving is null)
        {
            return;
        }

        if (_isStopped || HasFailed)
        {
            DropLeaving();
            TakeWaiter()?.TrySetException(
                SimulatedConnection.Explain(socket.End, $"sending to {socket.Remote}"));
            return;
        }

        _sent += socket.Send(_leaving.AsSpan(_sent.._leavingBytes));
        if (_sent < _leavingBytes)
        {
            return;
        }

        DropLeaving();
        if (_isFlushBehind)
        {
            _isFlushBehind = false;
            if (!TrySendAll() && !HasFailed)
            {
                return;
            }
        }

        TakeWaiter()?.TrySetResult(TakeResult());
        if (_isCompleted)
        {
            SendRest();
        }
    }

    private void SendRest()
    {
        if (_leaving is null && TrySendAll())
        {
            socket.ShutDown();
        }
    }

    private FlushResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        return new FlushResult(isCanceled, isCompleted: _isStopped);
    }

    private void ResumeIfCanceled()
    {
        if (_isCanceled && TakeWaiter() is { } waiter)
        {
            waiter.TrySetResult(TakeResult());
        }
    }

    private void CancelLater() => loop.Post(static state => ((SimulatedWriter)state!).CancelIfAsked(), this);

    private void CancelIfAsked()
    {
        CancellationToken cancellation = _cancellation;
        if (cancellation.IsCancellationRequested && TakeWaiter() is { } waiter)
        {
            waiter.TrySetCanceled(cancellation);
        }
    }

    private InlineSource<FlushResult>? TakeWaiter()
    {
        InlineSource<FlushResult>? waiter = _waiter;
        _waiter = null;
        _registration.Dispose();
        _registration = default;
        _cancellation = default;
        return waiter;
    }

    private void DropLeaving()
    {
        _sent = 0;
        _leavingBytes = 0;
        Return(ref _leaving);
    }

    private void Return(ref byte[]? buffer)
    {
        if (buffer is { } rented)
        {
            buffer = null;
            loop.World.ReturnBuffer(rented);
        }
    }
}
