namespace EdgeMesh.Addresses;

/// <summary>Limits of addresses that others send or write. Bytes, unless the name says otherwise.</summary>
public static class MultiaddrLimits
{
    /// <summary>Longest address in binary; a relayed one with two names and two peer ids has some 600.</summary>
    public const int BytesMax = 1024;

    /// <summary>Longest address as text, characters: values grow at most twofold, and each part has its name.</summary>
    public const int CharsMax = 4096;

    /// <summary>Parts of one address.</summary>
    public const int ComponentsMax = 32;

    /// <summary>Longest DNS name as text (RFC 1035 §2.3.4: 255 on the wire).</summary>
    public const int NameBytesMax = 253;

    /// <summary>Longest zone of an IPv6 address. Linux has names of 15 bytes, other systems longer ones.</summary>
    public const int ZoneBytesMax = 64;

    /// <summary>Longest path of a Unix socket (<c>sun_path</c> without its end).</summary>
    public const int PathBytesMax = 107;

    /// <summary>Longest certificate hash: SHA-512 as a multihash.</summary>
    public const int CertificateHashBytesMax = 66;
}
