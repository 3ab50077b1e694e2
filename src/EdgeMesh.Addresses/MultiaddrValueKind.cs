namespace EdgeMesh.Addresses;

/// <summary>What follows a protocol's name or code.</summary>
internal enum MultiaddrValueKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>4 bytes, dotted decimal.</summary>
    Ip4,

    /// <summary>16 bytes, RFC 5952.</summary>
    Ip6,

    /// <summary>2 bytes big-endian, decimal.</summary>
    Port,

    /// <summary>A DNS name after its length.</summary>
    Name,

    /// <summary>The zone of the IPv6 address that follows, after its length.</summary>
    Zone,

    /// <summary>A peer id after its length.</summary>
    PeerId,

    /// <summary>A multihash after its length; base64url with the prefix 'u'.</summary>
    CertificateHash,

    /// <summary>A path after its length; as text it takes all that follows.</summary>
    Path,
}
