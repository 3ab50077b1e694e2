using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>Finds capsules in the bytes of a tunnel stream, however they are split.</summary>
/// <remarks>
/// A capsule that lies whole in the bytes is given where it lies. A packet that spans them is put together in a slot of
/// the pool, rented when its header is seen, so it outlives the bytes; a short one of another type in the reader
/// itself. Unknown types are skipped. One per stream, one thread.
/// </remarks>
public sealed class CapsuleReader : IDisposable
{
    /// <summary>
    /// Longest value of a type that is neither packet nor unknown; a newer peer may say more than we read.
    /// </summary>
    private const int ShortBytesMax = 64;

    private readonly PacketPool _pool;
    private readonly byte[] _header = new byte[Capsule.HeaderBytes];
    private readonly byte[] _short = new byte[ShortBytesMax];
    private State _state;
    private CapsuleType _type;
    private int _length;    // of the value
    private int _gathered;  // bytes of the header or of the value that came so far
    private Packet? _packet;

    /// <summary>Makes a reader at the beginning of a stream, after the Hello.</summary>
    /// <param name="pool">Where packets that span several reads are put together.</param>
    public CapsuleReader(PacketPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        _pool = pool;
    }

    private enum State
    {
        Header,
        Packet,
        Short,
        Skip,
    }

    /// <summary>Whether a capsule has begun and not ended: at the end of the stream something was cut off.</summary>
    public bool IsInsideCapsule => _state != State.Header || _gathered != 0;

    /// <summary>Finds the next capsule.</summary>
    /// <param name="data">What is not read yet; moves on with each step. The views lie in it.</param>
    /// <param name="capsule">Only if <see cref="CapsuleStatus.Complete"/>.</param>
    /// <returns>Call again until it says <see cref="CapsuleStatus.NeedMore"/>.</returns>
    public CapsuleStatus Read(ref Span<byte> data, out CapsuleView capsule)
    {
        capsule = default;
        while (true)
        {
            CapsuleStatus? status = _state switch
            {
                State.Header => ReadHeader(ref data, out capsule),
                State.Packet => ReadPacket(ref data, out capsule),
                State.Short => ReadShort(ref data, out capsule),
                _ => Skip(ref data),
            };
            if (status is not null)
            {
                return status.Value;
            }
        }
    }

    /// <summary>Gives back the slot of an unfinished packet.</summary>
    public void Dispose()
    {
        _packet?.Dispose();
        _packet = null;
    }

    // Null: the state changed, go on.
    private CapsuleStatus? ReadHeader(ref Span<byte> data, out CapsuleView capsule)
    {
        capsule = default;
        if (_gathered == 0 && data.Length >= Capsule.HeaderBytes)
        {
            _type = Capsule.ReadHeader(data, out _length);
            data = data[Capsule.HeaderBytes..];
        }
        else
        {
            int taken = Math.Min(Capsule.HeaderBytes - _gathered, data.Length);
            data[..taken].CopyTo(_header.AsSpan(_gathered));
            data = data[taken..];
            _gathered += taken;
            if (_gathered < Capsule.HeaderBytes)
            {
                return CapsuleStatus.NeedMore;
            }

            _type = Capsule.ReadHeader(_header, out _length);
        }

        _gathered = 0;
        if (_length > LengthMax(_type))
        {
            return CapsuleStatus.TooLong;
        }

        bool isKnown = _type <= CapsuleType.Drain;
        if (isKnown && data.Length >= _length)
        {
            capsule = new CapsuleView(_type, data[.._length]);
            data = data[_length..];
            return CapsuleStatus.Complete;
        }

        return BeginValue(isKnown);
    }

    private CapsuleStatus? BeginValue(bool isKnown)
    {
        bool isPacket = _type is CapsuleType.Packet or CapsuleType.OffloadedPacket;
        if (!isPacket)
        {
            _state = isKnown && _length <= ShortBytesMax ? State.Short : State.Skip;
            return null;
        }

        int before = PacketHeaderBytes(_type);
        if (_length < before)
        {
            // Too short even for its offload header. Gathered like the others, so that the deliverer names it.
            _state = State.Short;
            return null;
        }

        if (!_pool.TryRent(_length - before, out _packet))
        {
            _state = State.Skip;
            return CapsuleStatus.PoolExhausted;
        }

        _state = State.Packet;
        return null;
    }

    private CapsuleStatus? ReadPacket(ref Span<byte> data, out CapsuleView capsule)
    {
        Debug.Assert(_packet is not null);
        Span<byte> value = _packet.WithHeadroom(PacketHeaderBytes(_type));
        Debug.Assert(value.Length == _length);
        if (!Gather(ref data, value))
        {
            capsule = default;
            return CapsuleStatus.NeedMore;
        }

        _packet.IsOffloaded = _type == CapsuleType.OffloadedPacket;
        capsule = new CapsuleView(_type, value, _packet);
        _packet = null;
        return CapsuleStatus.Complete;
    }

    private CapsuleStatus? ReadShort(ref Span<byte> data, out CapsuleView capsule)
    {
        Span<byte> value = _short.AsSpan(0, _length);
        if (!Gather(ref data, value))
        {
            capsule = default;
            return CapsuleStatus.NeedMore;
        }

        capsule = new CapsuleView(_type, value);
        return CapsuleStatus.Complete;
    }

    private CapsuleStatus? Skip(ref Span<byte> data)
    {
        int taken = Math.Min(_length - _gathered, data.Length);
        data = data[taken..];
        _gathered += taken;
        if (_gathered < _length)
        {
            return CapsuleStatus.NeedMore;
        }

        BeginHeader();
        return null;
    }

    private bool Gather(ref Span<byte> data, Span<byte> value)
    {
        int taken = Math.Min(value.Length - _gathered, data.Length);
        data[..taken].CopyTo(value[_gathered..]);
        data = data[taken..];
        _gathered += taken;
        if (_gathered < value.Length)
        {
            return false;
        }

        BeginHeader();
        return true;
    }

    private void BeginHeader()
    {
        _state = State.Header;
        _gathered = 0;
    }

    private static int PacketHeaderBytes(CapsuleType type) =>
        type == CapsuleType.OffloadedPacket ? OffloadHeader.SizeBytes : 0;

    [SuppressMessage("Style", "IDE0072", Justification = "Every other type, known or not, has one limit.")]
    private static int LengthMax(CapsuleType type) => type switch
    {
        CapsuleType.Packet => Limits.PacketBytesMax,
        _ => Limits.CapsuleBytesMax,
    };
}
