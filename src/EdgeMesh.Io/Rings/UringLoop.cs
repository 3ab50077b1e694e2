using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Native.IoUring;

namespace EdgeMesh.Io.Rings;

/// <summary>The loop on io_uring: operations are submissions, one system call submits and waits.</summary>
internal sealed class UringLoop : EventLoop
{
    /// <summary>Submissions at once; the completion queue has twice as many.</summary>
    private const int Entries = 512;

    /// <summary>Packets of one batch.</summary>
    private const int BatchMax = Packets.Limits.BatchPackets;

    private const ulong WakeToken = ulong.MaxValue;
    private const ulong IgnoreToken = ulong.MaxValue - 1;
    private const ulong TimeoutToken = ulong.MaxValue - 2;

    /// <summary>
    /// Marks a submission of <see cref="ReadPackets"/> or <see cref="WritePackets"/>; its low bits are its place there.
    /// </summary>
    private const ulong BatchToken = 1UL << 62;

    private readonly Ring _ring;
    private readonly List<LoopOperation?> _operations = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(2 * BatchMax, pinned: true);
    private readonly long[] _timeout = GC.AllocateArray<long>(2, pinned: true);
    private readonly int[] _batchResults = new int[BatchMax];
    private readonly DirectPackets _direct = new(); // where a ring can't do without a thread of the kernel's
    private readonly HashSet<int> _nonBlocking = []; // descriptors of that kind

    // Timeouts that the kernel has, Stopwatch ticks; each is due before those below it.
    private readonly Stack<long> _timeoutsDue = new();
    private int _batchPending;
    private int _pending;
    private long _extraSystemCalls;
    private bool _isWakeDue;

    /// <summary>Opens the ring.</summary>
    /// <param name="allowed">What to use of newer kernels.</param>
    public UringLoop(RingFeatures allowed)
    {
        try
        {
            _ring = Ring.Open(Entries, allowed);
            WatchWake();
        }
        catch
        {
            _ring?.Dispose();
            Abandon();
            throw;
        }
    }

    public override string BackendName => "io_uring";

    public override IReadOnlyList<string> Features => _ring.Features;

    public override long SystemCalls => _ring.SystemCalls + _extraSystemCalls;

    private protected override int PendingOperations => _pending;

    internal override void Start(LoopOperation operation)
    {
        operation.Begin();
        if (IsClosing)
        {
            End(operation, -Errno.ECANCELED);
            return;
        }

        int slot = TakeSlot(operation);
        while (!TryQueue(operation, (ulong)slot))
        {
            Enter(0, -1); // the queue is full: let the kernel take it
        }
    }

    internal override void Cancel(LoopOperation operation)
    {
        if (operation.Slot < 0)
        {
            return; // it has ended already and waits to be run
        }

        while (!_ring.TryQueueCancel((ulong)operation.Slot, IgnoreToken))
        {
            Enter(0, -1);
        }
    }

    internal override void Forget(int descriptor)
    {
        // Submissions hold the file themselves; nothing is registered.
        _nonBlocking.Remove(descriptor);
    }

    internal override void CountSystemCall() => _extraSystemCalls++;

    internal override void ReadPackets(int descriptor, Span<PacketRead> reads)
    {
        Debug.Assert(reads.Length <= BatchMax);
        if (!_ring.HasTunNoWait)
        {
            _extraSystemCalls += DirectPackets.Read(descriptor, reads);
            return;
        }

        _batchPending = reads.Length;
        for (int i = 0; i < reads.Length; i++)
        {
            ulong token = BatchToken | (uint)i;
            while (!_ring.TryQueueRead(descriptor, reads[i].Address, reads[i].Length, noWait: true, token))
            {
                Enter(0, -1);
            }
        }

        RunBatch();
        for (int i = 0; i < reads.Length; i++)
        {
            reads[i].Result = _batchResults[i];
        }
    }

    internal override void WritePackets(int descriptor, Span<PacketWrite> writes)
    {
        Debug.Assert(writes.Length <= BatchMax);
        if (!_ring.HasTunNoWait)
        {
            _extraSystemCalls += _direct.Write(descriptor, writes);
            return;
        }

        _batchPending = writes.Length;
        for (int i = 0; i < writes.Length; i++)
        {
            while (!TryQueueWrite(descriptor, writes[i], i))
            {
                Enter(0, -1);
            }
        }

        RunBatch();
        for (int i = 0; i < writes.Length; i++)
        {
            writes[i].Result = _batchResults[i];
        }
    }

    private protected override void WaitForKernel(long nanosecondsMax)
    {
        if (HasEnded)
        {
            return; // they came with a batch, as will the next ones; what is queued goes with the next call
        }

        if (_isWakeDue)
        {
            WatchWake();
        }

        if (nanosecondsMax > 0 && !_ring.CanWaitWithTimeout)
        {
            QueueTimeout(nanosecondsMax);
        }

        Enter(nanosecondsMax == 0 ? 0 : 1, nanosecondsMax);
    }

    private protected override void CancelAll()
    {
        foreach (LoopOperation? operation in _operations)
        {
            if (operation is not null)
            {
                Cancel(operation);
            }
        }
    }

    private protected override void Close() => _ring.Dispose();

    private void RunBatch()
    {
        // Reads that may not wait and writes to a TUN end while they are submitted. Should one not, we wait for it:
        // its memory is the caller's only until we return.
        Enter(0, -1);
        while (_batchPending > 0)
        {
            Enter(1, -1);
        }
    }

    private void Enter(int waitFor, long nanosecondsMax)
    {
        _ring.Enter(waitFor, nanosecondsMax);
        Reap();
        while (_ring.HasOverflow)
        {
            _ring.Enter(0, -1);
            Reap();
        }
    }

    private void Reap()
    {
        while (_ring.TryReap(out ulong token, out int result, out bool hasMore))
        {
            switch (token)
            {
                case WakeToken:
                    ClearWake();
                    _isWakeDue = true;
                    break;
                case TimeoutToken:
                    _timeoutsDue.TryPop(out _); // the kernel has the later ones still; they may wake us for nothing
                    break;
                case IgnoreToken:
                    break;
                default:
                    ReapOne(token, result, hasMore);
                    break;
            }
        }
    }

    private void ReapOne(ulong token, int result, bool hasMore)
    {
        if ((token & BatchToken) != 0)
        {
            _batchResults[(int)(token & ~BatchToken)] = result;
            _batchPending--;
            return;
        }

        int slot = (int)token;
        LoopOperation operation = _operations[slot]!;
        if (!hasMore)
        {
            _operations[slot] = null;
            _freeSlots.Push(slot);
            _pending--;
        }

        if (operation.Kind == OperationKind.Read && !_ring.HasTunNoWait && result >= 0)
        {
            _extraSystemCalls++; // the poll says that there is something
            result = FileCalls.Read(operation.Descriptor, operation.Address, operation.Length);
        }

        End(operation, result, hasMore);
    }

    private bool TryQueue(LoopOperation operation, ulong token)
    {
        int fd = operation.Descriptor;
        nint address = operation.Address;
        int length = operation.Length;
        return operation.Kind switch
        {
            OperationKind.Receive => _ring.TryQueueReceive(fd, address, length, token),
            OperationKind.Send => _ring.TryQueueSend(fd, address, length, token),
            OperationKind.Accept => _ring.TryQueueAccept(fd, _ring.HasMultishotAccept, token),
            OperationKind.Connect => _ring.TryQueueConnect(fd, address, length, token),
            _ => _ring.HasTunNoWait
                ? _ring.TryQueueRead(fd, address, length, noWait: false, token)
                : TryQueuePoll(fd, token),
        };
    }

    private bool TryQueuePoll(int descriptor, ulong token)
    {
        if (_nonBlocking.Add(descriptor))
        {
            FileCalls.SetNonBlocking(descriptor, isNonBlocking: true);
        }

        return _ring.TryQueuePollIn(descriptor, token);
    }

    private bool TryQueueWrite(int descriptor, PacketWrite write, int index)
    {
        ulong token = BatchToken | (uint)index;
        if (write.HeaderAddress == 0)
        {
            return _ring.TryQueueWrite(descriptor, write.Address, write.Length, token);
        }

        Span<IoVector> vectors = _vectors.AsSpan(index * 2, 2);
        vectors[0] = new IoVector { Address = write.HeaderAddress, Length = Packets.Limits.OffloadHeaderBytes };
        vectors[1] = new IoVector { Address = write.Address, Length = write.Length };
        return _ring.TryQueueGatherWrite(
            descriptor, PinnedMemory.AddressOf(MemoryMarshal.AsBytes(vectors)), 2, token);
    }

    private int TakeSlot(LoopOperation operation)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _operations.Count;
            _operations.Add(null);
        }

        _operations[slot] = operation;
        _pending++;
        operation.Slot = slot;
        return slot;
    }

    private void WatchWake()
    {
        while (!_ring.TryQueuePollIn(WakeDescriptor, WakeToken))
        {
            Enter(0, -1);
        }

        _isWakeDue = false;
    }

    private void QueueTimeout(long nanoseconds)
    {
        long due = Stopwatch.GetTimestamp() + (long)(nanoseconds * (Stopwatch.Frequency / 1e9));
        if (_timeoutsDue.TryPeek(out long earliest) && due >= earliest)
        {
            return; // an earlier one wakes us; then the time is looked at again
        }

        _timeout[0] = nanoseconds / 1_000_000_000;
        _timeout[1] = nanoseconds % 1_000_000_000;
        nint address = PinnedMemory.AddressOf(MemoryMarshal.AsBytes(_timeout.AsSpan()));
        while (!_ring.TryQueueTimeout(address, TimeoutToken))
        {
            Enter(0, -1);
        }

        _timeoutsDue.Push(due);
    }
}
