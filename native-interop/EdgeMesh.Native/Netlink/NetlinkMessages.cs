using System;
using System.Runtime.InteropServices;

namespace EdgeMesh.Native.Netlink;

/// <summary>The messages of one datagram, one after the other.</summary>
/// <remarks>
/// Stops at the first message whose length is shorter than its header or longer than the bytes; <see
/// cref="IsMalformed"/> then.
/// </remarks>
internal ref struct NetlinkMessages
{
    private ReadOnlySpan<byte> _rest;

    internal NetlinkMessages(ReadOnlySpan<byte> datagram) => _rest = datagram;

    internal NetlinkHeader Header { get; private set; }

    /// <summary>What follows the header.</summary>
    internal ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Were there bytes that are no message?</summary>
    internal bool IsMalformed { get; private set; }

    internal bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (!MemoryMarshal.TryRead(_rest, out NetlinkHeader header)
            || header.Length < NetlinkHeader.SizeBytes
            || header.Length > (uint)_rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        int length = (int)header.Length;
        Header = header;
        Body = _rest[NetlinkHeader.SizeBytes..length];
        _rest = _rest[Math.Min(NetlinkRequest.Align(length), _rest.Length)..];
        return true;
    }
}
