using System;

namespace EdgeMesh.Addresses;

/// <summary>One protocol of the table of multiformats/multiaddr (protocols.csv); those that libp2p uses.</summary>
public sealed class MultiaddrProtocol
{
    private static readonly MultiaddrProtocol[] All =
    [
        new("ip4", 4, MultiaddrValueKind.Ip4),
        new("tcp", 6, MultiaddrValueKind.Port),
        new("ip6", 41, MultiaddrValueKind.Ip6),
        new("ip6zone", 42, MultiaddrValueKind.Zone),
        new("dns", 53, MultiaddrValueKind.Name),
        new("dns4", 54, MultiaddrValueKind.Name),
        new("dns6", 55, MultiaddrValueKind.Name),
        new("dnsaddr", 56, MultiaddrValueKind.Name),
        new("udp", 273, MultiaddrValueKind.Port),
        new("webrtc-direct", 280, MultiaddrValueKind.None),
        new("p2p-circuit", 290, MultiaddrValueKind.None),
        new("unix", 400, MultiaddrValueKind.Path),
        new("p2p", 421, MultiaddrValueKind.PeerId),
        new("tls", 448, MultiaddrValueKind.None),
        new("sni", 449, MultiaddrValueKind.Name),
        new("noise", 454, MultiaddrValueKind.None),
        new("quic", 460, MultiaddrValueKind.None),
        new("quic-v1", 461, MultiaddrValueKind.None),
        new("webtransport", 465, MultiaddrValueKind.None),
        new("certhash", 466, MultiaddrValueKind.CertificateHash),
        new("ws", 477, MultiaddrValueKind.None),
        new("wss", 478, MultiaddrValueKind.None),
        new("http", 480, MultiaddrValueKind.None),
    ];

    private MultiaddrProtocol(string name, int code, MultiaddrValueKind kind)
    {
        Name = name;
        Code = code;
        Kind = kind;
    }

    /// <summary>The name in text.</summary>
    public string Name { get; }

    /// <summary>The code in binary.</summary>
    public int Code { get; }

    internal MultiaddrValueKind Kind { get; }

    /// <summary>Bytes of the value, or -1 if it stands after its length.</summary>
    internal int ValueBytes => Kind switch
    {
        MultiaddrValueKind.None => 0,
        MultiaddrValueKind.Port => 2,
        MultiaddrValueKind.Ip4 => 4,
        MultiaddrValueKind.Ip6 => 16,
        _ => -1,
    };

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Finds a protocol by name; null if it is unknown. <c>ipfs</c> is the old name of <c>p2p</c>.</summary>
    internal static MultiaddrProtocol? Find(ReadOnlySpan<char> name)
    {
        ReadOnlySpan<char> current = name.SequenceEqual("ipfs") ? "p2p" : name;
        foreach (MultiaddrProtocol protocol in All)
        {
            if (current.SequenceEqual(protocol.Name))
            {
                return protocol;
            }
        }

        return null;
    }

    /// <summary>Finds a protocol by code; null if we don't know it.</summary>
    internal static MultiaddrProtocol? Find(ulong code) =>
        Array.Find(All, protocol => (ulong)protocol.Code == code);
}
