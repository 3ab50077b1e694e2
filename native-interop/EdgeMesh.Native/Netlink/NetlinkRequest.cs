using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeMesh.Native.Netlink;

/// <summary>Builds one request: header, the family's own header, attributes, each aligned to 4 bytes.</summary>
internal sealed class NetlinkRequest
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);
    private readonly ushort _type;
    private readonly ushort _flags;

    internal NetlinkRequest(ushort type, ushort flags)
    {
        _type = type;
        _flags = flags;
        Pad(NetlinkHeader.SizeBytes);
    }

    /// <summary>What was added so far, to nest it in another one.</summary>
    internal ReadOnlySpan<byte> Attributes => _bytes.WrittenSpan[NetlinkHeader.SizeBytes..];

    internal static int Align(int length) => (length + 3) & ~3;

    internal void AddHeader<T>(T header)
        where T : unmanaged
    {
        MemoryMarshal.Write(_bytes.GetSpan(Unsafe.SizeOf<T>()), header);
        _bytes.Advance(Unsafe.SizeOf<T>());
    }

    internal void Add(ushort type, uint value) => Add(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>Adds text with its terminating zero.</summary>
    internal void Add(ushort type, string text) => Add(type, Encoding.UTF8.GetBytes(text + "\0"));

    internal void Add(ushort type, ReadOnlySpan<byte> value)
    {
        int length = AttributeHeader.SizeBytes + value.Length;
        AddHeader(new AttributeHeader { Length = checked((ushort)length), Type = type });
        _bytes.Write(value);
        Pad(Align(length) - length);
    }

    internal ReadOnlySpan<byte> Finish(uint sequence)
    {
        var header = new NetlinkHeader
        {
            Length = (uint)_bytes.WrittenCount,
            Type = _type,
            Flags = (ushort)(_flags | NetlinkConstants.NLM_F_REQUEST),
            Sequence = sequence,
        };
        byte[] bytes = _bytes.WrittenSpan.ToArray();
        MemoryMarshal.Write(bytes, header);
        return bytes;
    }

    private void Pad(int count)
    {
        _bytes.GetSpan(count)[..count].Clear();
        _bytes.Advance(count);
    }
}
