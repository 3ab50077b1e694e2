namespace EdgeMesh.Packets.Headers;

/// <summary>Where the upper protocol of an IPv6 packet begins, behind all extension headers.</summary>
public readonly struct Ipv6Upper
{
    internal Ipv6Upper(byte protocol, int offset, bool isFragment, bool isLaterFragment)
    {
        Protocol = protocol;
        Offset = offset;
        IsFragment = isFragment;
        IsLaterFragment = isLaterFragment;
    }

    /// <summary>The upper protocol, see <see cref="IpProtocol"/>.</summary>
    public byte Protocol { get; }

    /// <summary>Offset of its first byte in the packet; at most the packet's length.</summary>
    public int Offset { get; }

    /// <summary>Whether this is a piece of a larger packet.</summary>
    public bool IsFragment { get; }

    /// <summary>Whether this piece does not begin with the upper protocol's header.</summary>
    public bool IsLaterFragment { get; }
}
