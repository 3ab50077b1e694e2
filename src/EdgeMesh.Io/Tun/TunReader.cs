using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Tun;

/// <summary>Reads packets of one TUN queue, each into a slot of its own.</summary>
/// <remarks>
/// One read waits in the kernel; when it brings a packet, more are read without waiting until there are none or the
/// batch is full. So one wake-up brings all that gathered. A packet that comes after a pause, where packets came alone
/// before, goes on at once: whether there are more is seen when the next read is handed over. If the pool is empty,
/// packets go into a scratch slot and are counted (<see cref="PoolExhausted"/>): the queue in the kernel never stands.
/// </remarks>
internal sealed class TunReader
{
    /// <summary>
    /// Packets read without waiting after the first, at most: the rest of a batch. Each takes a large slot until it is
    /// known how long the packet is (4 MiB in all). Fewer made the kernel's queue overflow (decision 0017).
    /// </summary>
    public const int BurstPackets = Limits.BatchPackets - 1;

    /// <summary>
    /// Bytes that such a burst is meant to bring at most: eight packets of 64 KiB. There may be two turns of sending
    /// for each burst, and it is more than both send: with four packets, what a fast flow sends ahead waited in the
    /// kernel's queue, where all flows are one.
    /// </summary>
    private const int BurstBytes = 8 * Limits.LargeSlotBytes;

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

    private readonly Packet?[] _slots = new Packet?[BurstPackets];
    private readonly PacketRead[] _reads = new PacketRead[BurstPackets];
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(Limits.LargeSlotBytes, pinned: true);
    private readonly TunQueue _queue;
    private readonly EventLoop _loop;
    private readonly PacketPool _pool;
    private readonly int _headerBytes;
    private readonly ReadOperation _first;
    private readonly Waiter<int> _waiter;
    private Packet[] _batch = []; // the caller's, while it waits
    private Packet? _waiting;
    private int _count;
    private bool _isStopped;
    private int _failure;
    private int _burst = 1;
    private int _trust;
    private int _trustLeft;
    private TimeSpan _waitedBefore;

    public TunReader(TunQueue queue, EventLoop loop, PacketPool pool, int descriptor, bool hasVnetHeader)
    {
        _queue = queue;
        _loop = loop;
        _pool = pool;
        _headerBytes = hasVnetHeader ? Limits.OffloadHeaderBytes : 0;
        _first = new ReadOperation(this) { Kind = OperationKind.Read, Descriptor = descriptor };
        _waiter = new Waiter<int>(loop);
    }

    /// <summary>Packets read, dropped ones included.</summary>
    public long Packets { get; private set; }

    /// <summary>Packets that found no free slot.</summary>
    public long PoolExhausted { get; private set; }

    /// <summary>Whether the kernel has a slot, or its answer waits to be run.</summary>
    public bool IsPending => _first.IsPending;

    /// <summary>As <see cref="PacketDevice.ReadAsync"/>.</summary>
    public ValueTask<int> ReadAsync(Packet[] batch)
    {
        Debug.Assert(batch.Length > 0);
        if (_failure != 0)
        {
            throw _queue.Explain("reading", _failure);
        }

        if (_isStopped)
        {
            return new ValueTask<int>(-1);
        }

        _batch = batch;
        _count = 0;
        if (!_first.IsPending)
        {
            StartFirst();
        }

        return _waiter.Wait(CancellationToken.None);
    }

    /// <summary>The queue closes: who waits is told, when the kernel has given the slot back.</summary>
    public void Stop()
    {
        _isStopped = true;
        if (_first.IsPending)
        {
            _loop.Cancel(_first);
        }
    }

    /// <summary>Gives the slot that waited for a packet back to the pool.</summary>
    public void Release()
    {
        Debug.Assert(!_first.IsPending, "the kernel has a slot");
        _waiting?.Dispose();
        _waiting = null;
    }

    private void StartFirst()
    {
        _waitedBefore = _loop.Waited;
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
            Resume(-1);
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
            if (_waiter.IsWaiting)
            {
                _waiter.Fail(_queue.Explain("reading", _failure));
            }

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

        Resume(_count);
    }

    private void Resume(int count)
    {
        _batch = [];
        if (_waiter.IsWaiting)
        {
            _waiter.End(count);
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
        // read, not a batch. It is no longer than the slots reach; with an empty pool all share the scratch slot, and
        // are dropped, so that the queue in the kernel does not stand.
        int asked = Math.Min(_burst, _batch.Length - 1);
        if (asked == 0)
        {
            return;
        }

        for (int i = 0; i < asked; i++)
        {
            _slots[i] = _pool.TryRent(Limits.PacketBytesMax, out Packet? packet) ? packet : null;
            if (packet is null && i > 0 && _slots[i - 1] is not null)
            {
                asked = i;
                break;
            }

            (_reads[i].Address, _reads[i].Length) = Target(packet);
        }

        _loop.ReadPackets(_first.Descriptor, _reads.AsSpan(0, asked));
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
        }
        else if (length <= 0)
        {
            packet.Dispose(); // the kernel never gives an empty packet
        }
        else
        {
            packet.SetLength(length);
            _batch[_count++] = packet;
        }
    }

    private sealed class ReadOperation(TunReader reader) : LoopOperation
    {
        protected override void Completed() => reader.HandleFirst(Result);
    }
}
