using System;
using System.Buffers;
using System.Diagnostics;
using System.IO;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io.Loops;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Tun;

/// <summary>Reads a device batch by batch; a batch is handed out until all of it is consumed.</summary>
internal sealed class TunPipeReader : PipeReader
{
    private readonly Packet[] _packets = new Packet[Limits.BatchPackets]; // [0, _count): read and not consumed
    private readonly PacketDevice _device;
    private readonly Loop _loop;
    private readonly Waiter<ReadResult> _waiter;
    private readonly Action _handleRead;
    private ValueTaskAwaiter<int> _read;
    private int _count;
    private bool _isReading;
    private bool _isEnded;
    private bool _isCanceled;
    private bool _isCompleted;
    private IOException? _failure;

    public TunPipeReader(Loop loop, PacketDevice device)
    {
        _loop = loop;
        _device = device;
        _waiter = new Waiter<ReadResult>(loop);
        _handleRead = HandleRead;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryRead(out ReadResult result))
        {
            return new ValueTask<ReadResult>(result);
        }

        if (_isReading || StartRead())
        {
            return _waiter.Wait(cancellationToken);
        }

        ThrowIfFailed();
        return new ValueTask<ReadResult>(TakeResult());
    }

    public override bool TryRead(out ReadResult result)
    {
        Debug.Assert(!_waiter.IsWaiting, "one read at a time");
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        ThrowIfFailed();
        bool isReady = _count > 0 || _isEnded || _isCanceled;
        result = isReady ? TakeResult() : default;
        return isReady;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    // What was examined has no meaning here: packets are whole.
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (consumed.GetObject() is not Packet last)
        {
            return; // the result was empty
        }

        int gone = Array.IndexOf(_packets, last, 0, _count);
        gone += consumed.GetInteger() >= last.Length ? 1 : 0;
        if (gone > 0)
        {
            Discard(gone);
        }
    }

    public override void CancelPendingRead()
    {
        // Posted, so that whoever waits is not resumed inside whoever cancels.
        _isCanceled = true;
        _loop.Post(static state => ((TunPipeReader)state!).ResumeIfCanceled(), this);
    }

    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        Discard(_count);
    }

    // True: the device will call.
    private bool StartRead()
    {
#pragma warning disable CA2012 // the awaiter is used once, as await would: a method that awaits allocates at each read
        _read = _device.ReadAsync(_packets).GetAwaiter();
#pragma warning restore CA2012
        _isReading = true;
        if (_read.IsCompleted)
        {
            HandleRead();
        }
        else
        {
            _read.UnsafeOnCompleted(_handleRead);
        }

        return _isReading;
    }

    private void HandleRead()
    {
        _isReading = false;
        try
        {
#pragma warning disable VSTHRD002 // it is complete: nothing waits here
            int count = _read.GetResult();
#pragma warning restore VSTHRD002
            _count = Math.Max(count, 0);
            _isEnded = count < 0;
        }
        catch (IOException exception)
        {
            _failure = exception;
        }

        if (_isCompleted)
        {
            Discard(_count); // nobody reads any more
        }

        if (_waiter.IsWaiting && _failure is not null)
        {
            _waiter.Fail(_failure);
        }
        else if (_waiter.IsWaiting)
        {
            _waiter.End(TakeResult());
        }
    }

    private void Discard(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _packets[i].Dispose();
        }

        _packets.AsSpan(count, _count - count).CopyTo(_packets);
        _packets.AsSpan(_count - count, count).Clear();
        _count -= count;
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private void ResumeIfCanceled()
    {
        if (_isCanceled && _waiter.IsWaiting)
        {
            _waiter.End(TakeResult());
        }
    }

    private ReadResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        if (_count == 0)
        {
            return new ReadResult(ReadOnlySequence<byte>.Empty, isCanceled, _isEnded);
        }

        long runningIndex = 0;
        for (int i = 0; i < _count; i++)
        {
            runningIndex += _packets[i].Length;
        }

        Packet? next = null;
        for (int i = _count - 1; i >= 0; i--)
        {
            runningIndex -= _packets[i].Length;
            _packets[i].Link(runningIndex, next);
            next = _packets[i];
        }

        Packet last = _packets[_count - 1];
        return new ReadResult(new ReadOnlySequence<byte>(_packets[0], 0, last, last.Length), isCanceled, _isEnded);
    }
}
