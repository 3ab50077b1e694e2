using System;
using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Packets;

/// <summary>
/// One IP packet in a slot of a pool, with room for every header before it and for the tag after it.
/// </summary>
/// <remarks><code>
///   0            16                26                     26 + Length
///  +-------------+----------------+------------- ... -----+----------- ... --+
///  |  headroom   | offload header |       IP packet       |     tailroom     |
///  +-------------+----------------+------------- ... -----+----------- ... --+
/// </code>
/// The offload header is always there; all zeros means "a plain packet, its checksum complete".
/// Whoever holds a packet disposes it exactly once; a <see cref="Packet"/> parameter moves ownership, a span only
/// lends. It is also a segment of a <see cref="ReadOnlySequence{T}"/>, so that a pipe can hand out one segment per
/// packet. Not safe for two threads: a packet belongs to the worker of its pool.
/// </remarks>
[SuppressMessage("Design", "CA1063", Justification = "Disposing returns the slot; the finalizer only finds leaks.")]
public sealed class Packet : ReadOnlySequenceSegment<byte>, IDisposable
{
    /// <summary>Where the IP packet begins in its slot.</summary>
    public const int PacketOffset = Limits.HeadroomBytes + Limits.OffloadHeaderBytes;

    private readonly PacketPool _pool;
    private readonly byte[] _memory;
    private readonly int _offset;
    private string _rentedBy = string.Empty;

    internal Packet(PacketPool pool, PoolBlock block, byte[] memory, int offset, int slotBytes)
    {
        _pool = pool;
        _memory = memory;
        _offset = offset;
        Block = block;
        SlotBytes = slotBytes;
        IsRented = false;
    }

    /// <summary>Length of the IP packet, bytes.</summary>
    public int Length { get; private set; }

    /// <summary>Largest IP packet that the slot holds, bytes.</summary>
    public int Capacity => SlotBytes - PacketOffset - Limits.TailroomBytes;

    /// <summary>Bytes of the pool's memory that this packet occupies.</summary>
    public int SlotBytes { get; }

    /// <summary>The IP packet.</summary>
    public Span<byte> Bytes => _memory.AsSpan(_offset + PacketOffset, Length);

    /// <summary>The offload header before the packet (<c>struct virtio_net_hdr</c>, little-endian fields).</summary>
    public Span<byte> OffloadHeader => _memory.AsSpan(_offset + Limits.HeadroomBytes, Limits.OffloadHeaderBytes);

    /// <summary>
    /// Memory that the kernel fills with offload header and packet: capacity bytes more than the header.
    /// </summary>
    public Memory<byte> OffloadHeaderAndCapacity =>
        _memory.AsMemory(_offset + Limits.HeadroomBytes, Limits.OffloadHeaderBytes + Capacity);

    /// <summary>
    /// Whether the offload header says anything: a partial checksum, or a run of segments. Set by who makes or routes
    /// the packet; the header itself may be overwritten by a frame's header if this is false.
    /// </summary>
    public bool IsOffloaded { get; set; }

    /// <summary>Where a flow queue notes which flow this is.</summary>
    public uint FlowHash { get; set; }

    /// <summary>
    /// Which fragmented datagram this is a part of: the same for all of its fragments. 0: not a fragment. Set by who
    /// routes the packet.
    /// </summary>
    public uint DatagramId { get; set; }

    /// <summary>How many packets it was put together from; 1: none. Set by who puts them together.</summary>
    public int Parts { get; set; }

    /// <summary>Where a queue notes when the packet came in.</summary>
    public Instant EnqueuedAt { get; set; }

    /// <summary>The packet after this one in whatever queue holds it.</summary>
    public Packet? QueueNext { get; set; }

    internal bool IsRented { get; set; }

    internal Packet? FreeNext { get; set; }

    internal bool IsLarge => SlotBytes == Limits.LargeSlotBytes;

    internal PoolBlock Block { get; }

    /// <summary>
    /// The packet and the <paramref name="headroomBytes"/> before it; 10 of them are the offload header.
    /// </summary>
    public Span<byte> WithHeadroom(int headroomBytes)
    {
        Debug.Assert(IsRented);
        Debug.Assert(headroomBytes >= 0);
        Debug.Assert(headroomBytes <= PacketOffset, "headroom spent twice");
        return _memory.AsSpan(_offset + PacketOffset - headroomBytes, headroomBytes + Length);
    }

    /// <summary>The whole slot, for I/O that counts its own offsets.</summary>
    public Memory<byte> Slot => _memory.AsMemory(_offset, SlotBytes);

    /// <summary>Sets the length of the IP packet; the bytes are already in place, or come next.</summary>
    /// <param name="length">At most <see cref="Capacity"/>.</param>
    public void SetLength(int length)
    {
        Debug.Assert(IsRented);
        Debug.Assert(length >= 0);
        Debug.Assert(length <= Capacity);
        Length = length;
    }

    /// <summary>
    /// Makes this packet a segment of a sequence: its memory is the IP packet, the next segment follows.
    /// </summary>
    /// <param name="runningIndex">Bytes of the sequence before this packet.</param>
    /// <param name="next">The next packet of the sequence, or null.</param>
    public void Link(long runningIndex, Packet? next)
    {
        Memory = _memory.AsMemory(_offset + PacketOffset, Length);
        RunningIndex = runningIndex;
        Next = next;
    }

    /// <summary>The packet begins to wait in a queue; see <see cref="PacketPool.WaitingBlocks"/>.</summary>
    public void BeginWaiting() => _pool.BeginWaiting(this);

    /// <summary>The packet left its queue, whatever becomes of it.</summary>
    public void EndWaiting() => _pool.EndWaiting(this);

    /// <summary>Returns the slot to its pool.</summary>
    [SuppressMessage("Usage", "CA1816", Justification = "The packet lives on in its pool, and so does its leak check.")]
    public void Dispose() => _pool.Return(this);

    internal void Poison() => Slot.Span.Fill(PacketPool.PoisonByte);

    internal void HandOut(string rentedBy)
    {
        _rentedBy = rentedBy;
        IsRented = true;
        Length = 0;
        IsOffloaded = false;
        Parts = 1;
        FlowHash = 0;
        DatagramId = 0;
        QueueNext = null;
        Next = null;
        Memory = default;
        OffloadHeader.Clear();
    }

#if DEBUG
    /// <summary>Runs only when nobody holds the packet: rented means that it was forgotten.</summary>
    [SuppressMessage("Usage", "MA0055", Justification = "Debug only, and the one way to see a forgotten packet.")]
    ~Packet()
    {
        if (IsRented)
        {
            _pool.NoteLeak(_rentedBy);
        }
    }
#endif
}
