using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>One queue of a simulated TUN: what the test injects is read, what is written the test gets.</summary>
public sealed class SimulatedDevice : PacketDevice
{
    private readonly Queue<byte[]> _queue = new();
    private readonly List<byte[]> _written = [];
    private readonly SimulatedNodeLoop _loop;
    private readonly PacketPool _pool;
    private readonly Action<byte[]> _delivered;
    private readonly Random _random;
    private InlineSource<int>? _waiter;
    private Packet[]? _batch;
    private long _poolExhausted;
    private bool _isClosed;

    /// <summary>Opens it, on the loop's host.</summary>
    /// <param name="loop">Whose it is.</param>
    /// <param name="pool">Where packets that are read come from.</param>
    /// <param name="queuePacketsMax">What the kernel's queue holds (txqueuelen).</param>
    /// <param name="delivered">Gets each packet that a flush gave to the kernel.</param>
    public SimulatedDevice(SimulatedNodeLoop loop, PacketPool pool, int queuePacketsMax, Action<byte[]> delivered)
    {
        _loop = loop;
        _pool = pool;
        _delivered = delivered;
        _random = new Random(loop.World.Random.Next());
        QueuePacketsMax = queuePacketsMax;
    }

    public override DeviceOffloads Offloads => DeviceOffloads.None;

    public override long PoolExhausted => _poolExhausted;

    /// <summary>What the kernel's queue holds.</summary>
    public int QueuePacketsMax { get; }

    /// <summary>Packets that wait to be read.</summary>
    public int QueuedPackets => _queue.Count;

    /// <summary>Packets that the full queue dropped: not the node's doing.</summary>
    public long TailDropped { get; private set; }

    /// <summary>Packets that were read, those without a slot included.</summary>
    public long Read { get; private set; }

    /// <summary>Share of the packets written that the kernel refuses.</summary>
    public double Refusal { get; set; }

    /// <summary>Packets that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>A pod sends a packet.</summary>
    /// <returns>False: the kernel's queue was full, or nobody has the device open.</returns>
    public bool Inject(byte[] packet)
    {
        if (_isClosed || _loop.IsDead || _queue.Count >= QueuePacketsMax)
        {
            TailDropped++;
            return false;
        }

        _queue.Enqueue(packet);
        if (_waiter is not null && _queue.Count == 1)
        {
            _loop.End(static state => ((SimulatedDevice)state!).EndRead(), this);
        }

        return true;
    }

    public override ValueTask<int> ReadAsync(Packet[] batch)
    {
        _loop.CheckOnLoop();
        if (_waiter is not null)
        {
            throw new InvalidOperationException("one read at a time");
        }

        if (_isClosed)
        {
            return new ValueTask<int>(-1);
        }

        // Sometimes what is there comes at once, sometimes the read ends in a later iteration: both backends do both.
        _batch = batch;
        if (_queue.Count > 0 && _random.Next(2) == 0)
        {
            return new ValueTask<int>(Take());
        }

        _waiter = new InlineSource<int>();
        ValueTask<int> task = _waiter.Task;
        if (_queue.Count > 0)
        {
            _loop.End(static state => ((SimulatedDevice)state!).EndRead(), this);
        }

        return task;
    }

    public override void Write(Packet packet)
    {
        _loop.CheckOnLoop();
        _written.Add(packet.Bytes.ToArray());
        packet.Dispose();
    }

    public override void WriteBorrowed(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet)
    {
        _loop.CheckOnLoop();
        if (offloadHeader.ContainsAnyExcept((byte)0))
        {
            throw new InvalidOperationException("an unfinished packet for a device without offloads");
        }

        _written.Add(packet.ToArray());
    }

    public override int Flush()
    {
        _loop.CheckOnLoop();
        int refused = 0;
        foreach (byte[] packet in _written)
        {
            if (_isClosed || (Refusal > 0 && _random.NextDouble() < Refusal))
            {
                refused++;
            }
            else
            {
                _delivered(packet);
            }
        }

        _written.Clear();
        Refused += refused;
        return refused;
    }

    public override void Dispose()
    {
        _loop.CheckOnLoop();
        _isClosed = true;
        _queue.Clear();
        _loop.End(static state => ((SimulatedDevice)state!).EndRead(), this);
    }

    private void EndRead()
    {
        if (_waiter is { } waiter && (_queue.Count > 0 || _isClosed))
        {
            _waiter = null;
            waiter.TrySetResult(_isClosed ? -1 : Take());
        }
    }

    private int Take()
    {
        int most = Math.Min(Math.Min(_queue.Count, Limits.BatchPackets), _batch!.Length);
        int asked = _random.Next(4) == 0 ? _random.Next(1, most + 1) : most;
        int count = 0;
        for (int i = 0; i < asked; i++)
        {
            // The product reads into large slots, as it can't know what comes; and no more than it has slots for.
            byte[] bytes = _queue.Peek();
            bool isTaken = _pool.TryRent(Limits.PacketBytesMax, out Packet? packet)
                || _pool.TryRent(bytes.Length, out packet);
            if (!isTaken && count > 0)
            {
                break;
            }

            _queue.Dequeue();
            Read++;
            if (packet is not null)
            {
                packet.SetLength(bytes.Length);
                bytes.CopyTo(packet.Bytes);
                _batch[count++] = _pool.Shrink(packet);
            }
            else
            {
                _poolExhausted++; // with an empty pool it drops, so that the kernel's queue does not stand
            }
        }

        return count;
    }
}
