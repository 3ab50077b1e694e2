namespace EdgeMesh.Packets.Headers;

/// <summary>Where the upper protocol of an IPv6 packet begins, after all extension headers.</summary>
public readonly struct Ipv6Upper
{
    internal Ipv6Upper(byte protocol, int offset)
    {
        Protocol = protocol;
        Offset = offset;
    }

    /// <summary>
    /// The upper protocol, see <see cref="IpProtocol"/>; if not known, <see cref="IpProtocol.NoNextHeader"/> or the
    /// extension header that the datagram's first fragment has.
    /// </summary>
    public byte Protocol { get; }

    /// <summary>Offset of its first byte in the packet; at most the packet's length.</summary>
    public int Offset { get; }

    /// <summary>
    /// Whether the upper protocol is known: the chain of extension headers ends in this packet, or in this datagram's
    /// fragment header.
    /// </summary>
    public bool IsKnown { get; internal init; }

    /// <summary>Whether this is a piece of a larger packet.</summary>
    public bool IsFragment { get; internal init; }

    /// <summary>Whether this piece does not begin with the upper protocol's header.</summary>
    public bool IsLaterFragment { get; internal init; }

    /// <summary>Identification of the larger packet (RFC 8200 §4.5); 0 if this is no piece of one.</summary>
    public uint Identification { get; internal init; }
}
