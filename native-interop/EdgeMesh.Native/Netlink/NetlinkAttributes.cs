using System;
using System.Runtime.InteropServices;

namespace EdgeMesh.Native.Netlink;

/// <summary>The attributes after a message's header, one after the other.</summary>
/// <remarks>
/// Stops at the first attribute whose length is shorter than its header or longer than the bytes: what follows is not
/// read.
/// </remarks>
internal ref struct NetlinkAttributes
{
    private ReadOnlySpan<byte> _rest;

    internal NetlinkAttributes(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>Type of the attribute that <see cref="MoveNext"/> has found, without its flags.</summary>
    internal ushort Type { get; private set; }

    /// <summary>Its value.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    internal bool MoveNext()
    {
        if (!MemoryMarshal.TryRead(_rest, out AttributeHeader header)
            || header.Length < AttributeHeader.SizeBytes
            || header.Length > _rest.Length)
        {
            return false;
        }

        Type = (ushort)(header.Type & AttributeHeader.TypeMask);
        Value = _rest[AttributeHeader.SizeBytes..header.Length];
        _rest = _rest[Math.Min(NetlinkRequest.Align(header.Length), _rest.Length)..];
        return true;
    }
}
