using System;
using System.Diagnostics;
using EdgeMesh.Io.Loops;
using EdgeMesh.Native;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Tun;

/// <summary>Writes packets to one TUN queue, many per system call.</summary>
/// <remarks>
/// A TUN takes a packet or refuses it at once, so a flush ends before it returns, and borrowed memory is free again
/// then.
/// </remarks>
internal sealed class TunWriter
{
    private readonly PacketWrite[] _writes = new PacketWrite[Limits.BatchPackets];
    private readonly Packet?[] _owned = new Packet?[Limits.BatchPackets];
    private readonly byte[] _headers = // of borrowed packets, one place per packet of the batch
        GC.AllocateArray<byte>(Limits.BatchPackets * Limits.OffloadHeaderBytes, pinned: true);

    private readonly EventLoop _loop;
    private readonly int _descriptor;
    private readonly bool _hasVnetHeader;
    private int _count;
    private int _refused;

    public TunWriter(EventLoop loop, int descriptor, bool hasVnetHeader)
    {
        _loop = loop;
        _descriptor = descriptor;
        _hasVnetHeader = hasVnetHeader;
    }

    /// <summary>Packets that the kernel took.</summary>
    public long Packets { get; private set; }

    /// <summary>Packets that the kernel refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Errno of the last refusal; 0 if there was none.</summary>
    public int LastError { get; private set; }

    /// <summary>Writes a packet with its offload header; takes ownership.</summary>
    public void Write(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        Debug.Assert(_hasVnetHeader || IsFinished(packet.OffloadHeader), "the device takes finished packets only");
        int headerBytes = _hasVnetHeader ? Limits.OffloadHeaderBytes : 0;
        Span<byte> bytes = packet.WithHeadroom(headerBytes);
        Add(new PacketWrite { Address = PinnedMemory.AddressOf(bytes), Length = bytes.Length }, packet);
    }

    /// <summary>Writes a packet that stays the caller's.</summary>
    /// <param name="offloadHeader">
    /// 10 bytes, or none for a finished packet. They are copied, unless they lie right before the packet.
    /// </param>
    /// <param name="packet">Pinned memory, unchanged until <see cref="Flush"/> returns.</param>
    public void WriteBorrowed(ReadOnlySpan<byte> offloadHeader, ReadOnlySpan<byte> packet)
    {
        Debug.Assert(offloadHeader.Length is 0 or Limits.OffloadHeaderBytes);
        Debug.Assert(_hasVnetHeader || IsFinished(offloadHeader), "the device takes finished packets only");
        nint address = PinnedMemory.AddressOf(packet);
        PacketWrite write = new() { Address = address, Length = packet.Length };
        if (_hasVnetHeader
            && !offloadHeader.IsEmpty
            && PinnedMemory.AddressOf(offloadHeader) + Limits.OffloadHeaderBytes == address)
        {
            write.Address = address - Limits.OffloadHeaderBytes;
            write.Length += Limits.OffloadHeaderBytes;
        }
        else if (_hasVnetHeader)
        {
            Span<byte> header = _headers.AsSpan(_count * Limits.OffloadHeaderBytes, Limits.OffloadHeaderBytes);
            header.Clear();
            offloadHeader.CopyTo(header);
            write.HeaderAddress = PinnedMemory.AddressOf(header);
        }

        Add(write, null);
    }

    /// <summary>Gives everything written to the kernel.</summary>
    /// <returns>How many packets it refused since the last call; one that was put together counts by its parts.
    /// </returns>
    public int Flush()
    {
        Submit();
        int refused = _refused;
        _refused = 0;
        return refused;
    }

    /// <summary>What was not flushed is lost.</summary>
    public void Release()
    {
        for (int i = 0; i < _count; i++)
        {
            _owned[i]?.Dispose();
            _owned[i] = null;
        }

        _count = 0;
    }

    private static bool IsFinished(ReadOnlySpan<byte> offloadHeader) => offloadHeader.IndexOfAnyExcept((byte)0) < 0;

    private void Add(PacketWrite write, Packet? owned)
    {
        _writes[_count] = write;
        _owned[_count] = owned;
        if (++_count == _writes.Length)
        {
            Submit();
        }
    }

    private void Submit()
    {
        if (_count == 0)
        {
            return;
        }

        _loop.WritePackets(_descriptor, _writes.AsSpan(0, _count));
        for (int i = 0; i < _count; i++)
        {
            if (_writes[i].Result >= 0)
            {
                Packets++;
            }
            else
            {
                _refused += _owned[i]?.Parts ?? 1;
                Refused++;
                LastError = -_writes[i].Result;
            }

            _owned[i]?.Dispose();
            _owned[i] = null;
        }

        _count = 0;
    }
}
