using System;
using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using EdgeMesh.Native;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Tun;

/// <summary>Reads packets of one TUN queue, each into a slot of its own.</summary>
/// <remarks>
/// One read waits in the kernel; when it brings a packet, more are read without waiting until there are none or the
/// batch is full. So one wake-up brings all that gathered. A packet that comes after a pause, where packets came alone
/// before, goes on at once: whether there are more is seen when the next read is handed over. If the pool is empty,
/// packets go into a scratch slot and are counted (<see cref="PoolExhausted"/>): the queue in the kernel never stands.
/// </remarks>
public sealed class TunReader : PipeReader, IValueTaskSource<ReadResult>
{
    /// <summary>
    /// Packets read without waiting after the first: half a batch, for each takes a large slot until it is known how
    /// long the packet is (2 MiB in all).
    /// </summary>
    public const int BurstPackets = Limits.BatchPackets / 2;

    /// <summary>
    /// Bytes that such a burst is meant to bring at most: four packets of 64 KiB. While it is read nothing is sent:
    /// where more comes than leaves, the connection would run dry meanwhile.
    /// </summary>
    private const int BurstBytes = 4 * Limits.LargeSlotBytes;

    /// <summary>
    /// How long the loop had nothing to do before a packet that is taken to be alone: more than a call takes that finds
    /// something at once, less than a round trip to another node.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMicroseconds(20);

    /// <summary>
    /// Packets in a row that may be taken to be alone, at most. A thread that had to wait for a core looks like one
    /// that waited for packets: were there no end to it, those that gathered would never be seen together.
    /// </summary>
    private const int TrustMax = 15;

    private readonly Packet?[] _packets = new Packet?[BurstPackets + 1];
    private readonly Packet?[] _slots = new Packet?[BurstPackets];
    private readonly PacketRead[] _reads = new PacketRead[BurstPackets];
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(Limits.LargeSlotBytes, pinned: true);
    private readonly TunQueue _queue;
    private readonly EventLoop _loop;
    private readonly PacketPool _pool;
    private readonly int _descriptor;
    private readonly int _headerBytes;
    private readonly ReadOperation _first;
    private ManualResetValueTaskSourceCore<ReadResult> _source;
    private Packet? _waiting;
    private int _count;
    private bool _isStopped;
    private bool _isCanceled;
    private bool _isAwaited;
    private int _failure;
    private int _burst = 1;
    private int _trust;
    private int _trustLeft;
    private TimeSpan _waitedBefore;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;

    internal TunReader(TunQueue queue, EventLoop loop, PacketPool pool, int descriptor, bool hasVnetHeader)
    {
        _queue = queue;
        _loop = loop;
        _pool = pool;
        _descriptor = descriptor;
        _headerBytes = hasVnetHeader ? Limits.OffloadHeaderBytes : 0;
        _first = new ReadOperation(this);
    }

    /// <summary>Packets read, dropped ones included.</summary>
    public long Packets { get; private set; }

    /// <summary>Packets that found no free slot.</summary>
    public long PoolExhausted { get; private set; }

    /// <summary>Their bytes.</summary>
    public long PoolExhaustedBytes { get; private set; }

    internal bool IsPending => _first.IsPending;

    /// <summary>Moves packets of the current result to the caller, in order; the others stay the reader's.</summary>
    /// <returns>How many.</returns>
    public int Take(Span<Packet> batch)
    {
        int taken = Math.Min(batch.Length, _count);
        for (int i = 0; i < taken; i++)
        {
            batch[i] = _packets[i]!;
            _packets[i] = null;
        }

        for (int i = taken; i < _count; i++)
        {
            _packets[i - taken] = _packets[i];
            _packets[i] = null;
        }

        _count -= taken;
        return taken;
    }

    /// <inheritdoc/>
    /// <exception cref="TunException">The link is gone.</exception>
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
        if (!_first.IsPending)
        {
            StartFirst();
        }

        _cancellation = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(
            static state => ((TunReader)state!).CancelLater(), this);
        return new ValueTask<ReadResult>(this, _source.Version);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (_failure != 0)
        {
            throw _queue.Explain("reading", _failure);
        }

        if (_count == 0 && !_isStopped && !_isCanceled)
        {
            result = default;
            return false;
        }

        result = TakeResult();
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <summary>Returns the packets up to <paramref name="consumed"/> to the pool, unless they were taken.</summary>
    /// <param name="consumed">The end of the last packet that is done with.</param>
    /// <param name="examined">Has no meaning here: packets are whole.</param>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (consumed.GetObject() is not Packet last)
        {
            return; // the result was empty
        }

        int index = Array.IndexOf(_packets, last, 0, _count);
        bool isWhole = consumed.GetInteger() >= last.Length;
        for (int i = 0; i <= index; i++)
        {
            if (i < index || isWhole)
            {
                _packets[i]!.Dispose();
                _packets[i] = null;
            }
        }

        int gone = isWhole ? index + 1 : index;
        for (int i = Math.Max(gone, 0); gone > 0 && i < _count; i++)
        {
            _packets[i - gone] = _packets[i];
            _packets[i] = null;
        }

        _count -= Math.Max(gone, 0);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        // Posted, so that whoever waits is not resumed inside whoever cancels.
        _isCanceled = true;
        _loop.Post(static state => ((TunReader)state!).ResumeIfCanceled(), this);
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => Stop();

    internal void Stop()
    {
        _isStopped = true;
        if (_first.IsPending)
        {
            _loop.Cancel(_first);
        }
    }

    internal void Release()
    {
        Debug.Assert(!_first.IsPending, "the kernel has a slot");
        for (int i = 0; i < _count; i++)
        {
            _packets[i]?.Dispose();
            _packets[i] = null;
        }

        _count = 0;
        _waiting?.Dispose();
        _waiting = null;
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void StartFirst()
    {
        _waitedBefore = _loop.Waited;
        _first.Kind = OperationKind.Read;
        _first.Descriptor = _descriptor;
        // A packet waits in a slot of its own; with an empty pool in the scratch slot.
        if (_waiting is null && _pool.TryRent(Limits.PacketBytesMax, out Packet? packet))
        {
            _waiting = packet;
        }

        (_first.Address, _first.Length) = Target(_waiting);
        _loop.Start(_first);
    }

    private (nint Address, int Length) Target(Packet? packet)
    {
        Span<byte> slot = packet is null ? _scratch : packet.Slot.Span;
        int offset = Packet.PacketOffset - _headerBytes;
        return (PinnedMemory.AddressOf(slot[offset..]), _headerBytes + Limits.PacketBytesMax);
    }

    private void HandleFirst(int result)
    {
        if (_isStopped)
        {
            _queue.AfterOperation();
            Resume();
            return;
        }

        if (result is -Errno.EAGAIN or -Errno.EINTR)
        {
            StartFirst();
            return;
        }

        if (result < 0)
        {
            _failure = -result;
            Fail();
            return;
        }

        Packet? first = _waiting ?? CopyFromScratch(result);
        _waiting = null;
        Keep(first, result);
        if (_trustLeft > 0 && _loop.Waited - _waitedBefore >= Pause)
        {
            _trustLeft--;
        }
        else
        {
            ReadBurst();
        }

        if (_count > 0)
        {
            Resume();
        }
        else
        {
            StartFirst();
        }
    }

    // The pool may have got a slot back while the read waited; and a short packet fits a small one.
    private Packet? CopyFromScratch(int bytes)
    {
        if (!_pool.TryRent(Math.Max(bytes - _headerBytes, 0), out Packet? packet))
        {
            return null;
        }

        Span<byte> read = _scratch.AsSpan(Packet.PacketOffset - _headerBytes, bytes);
        read.CopyTo(packet.Slot.Span[(Packet.PacketOffset - _headerBytes)..]);
        return packet;
    }

    private void ReadBurst()
    {
        // The burst grows while it comes back full and shrinks to what came, so that a lone packet costs one extra
        // read, not 32. With an empty pool they all share the scratch slot, and are dropped.
        int asked = _burst;
        for (int i = 0; i < asked; i++)
        {
            _slots[i] = _pool.TryRent(Limits.PacketBytesMax, out Packet? packet) ? packet : null;
            (_reads[i].Address, _reads[i].Length) = Target(packet);
        }

        _loop.ReadPackets(_descriptor, _reads.AsSpan(0, asked));
        int came = 0;
        int bytes = 0;
        for (int i = 0; i < asked; i++)
        {
            Packet? packet = _slots[i];
            _slots[i] = null;
            if (_reads[i].Result >= 0)
            {
                came++;
                bytes += _reads[i].Result;
                Keep(packet, _reads[i].Result);
            }
            else
            {
                packet?.Dispose();
            }
        }

        _trust = came == 0 ? Math.Min((_trust * 2) + 1, TrustMax) : 0;
        _trustLeft = _trust;
        int most = (int)Math.Clamp((long)BurstBytes * came / Math.Max(bytes, 1), 1, BurstPackets);
        _burst = Math.Min(came == asked ? _burst * 2 : Math.Max(came, 1), most);
    }

    private void Keep(Packet? packet, int bytes)
    {
        int length = bytes - _headerBytes;
        Packets++;
        if (packet is null)
        {
            PoolExhausted++;
            PoolExhaustedBytes += Math.Max(length, 0);
        }
        else if (length <= 0)
        {
            packet.Dispose(); // the kernel never gives an empty packet
        }
        else
        {
            packet.SetLength(length);
            _packets[_count++] = packet;
        }
    }

    private ReadResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        if (_count == 0)
        {
            return new ReadResult(ReadOnlySequence<byte>.Empty, isCanceled, _isStopped);
        }

        long runningIndex = 0;
        for (int i = 0; i < _count; i++)
        {
            runningIndex += _packets[i]!.Length;
        }

        Packet? next = null;
        for (int i = _count - 1; i >= 0; i--)
        {
            runningIndex -= _packets[i]!.Length;
            _packets[i]!.Link(runningIndex, next);
            next = _packets[i];
        }

        Packet last = _packets[_count - 1]!;
        return new ReadResult(new ReadOnlySequence<byte>(_packets[0]!, 0, last, last.Length), isCanceled, _isStopped);
    }

    private void Resume()
    {
        if (TakeWaiter())
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

    private void CancelLater() => _loop.Post(static state => ((TunReader)state!).CancelIfAsked(), this);

    // Posted for an earlier read, it may come when another one waits: then it is not asked.
    private void CancelIfAsked()
    {
        if (_isAwaited && _cancellation.IsCancellationRequested)
        {
            TakeWaiter();
            _source.SetException(new OperationCanceledException(_cancellation));
        }
    }

    private void Fail()
    {
        if (TakeWaiter())
        {
            _source.SetException(_queue.Explain("reading", _failure));
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

    private sealed class ReadOperation(TunReader reader) : LoopOperation
    {
        protected override void Completed() => reader.HandleFirst(Result);
    }
}
