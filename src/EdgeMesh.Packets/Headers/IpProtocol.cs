namespace EdgeMesh.Packets.Headers;

/// <summary>The protocol numbers that the packet path knows (IANA "Protocol Numbers").</summary>
public static class IpProtocol
{
    /// <summary>IPv6 hop-by-hop options (RFC 8200 §4.3).</summary>
    public const byte HopByHop = 0;

    /// <summary>ICMP for IPv4 (RFC 792).</summary>
    public const byte Icmp = 1;

    /// <summary>TCP (RFC 9293).</summary>
    public const byte Tcp = 6;

    /// <summary>UDP (RFC 768).</summary>
    public const byte Udp = 17;

    /// <summary>IPv6 routing header (RFC 8200 §4.4).</summary>
    public const byte Routing = 43;

    /// <summary>IPv6 fragment header (RFC 8200 §4.5).</summary>
    public const byte Fragment = 44;

    /// <summary>IPv6 authentication header (RFC 4302); its length counts in units of 4 bytes.</summary>
    public const byte Authentication = 51;

    /// <summary>ICMP for IPv6 (RFC 4443).</summary>
    public const byte Icmp6 = 58;

    /// <summary>IPv6 "nothing follows" (RFC 8200 §4.7).</summary>
    public const byte NoNextHeader = 59;

    /// <summary>IPv6 destination options (RFC 8200 §4.6).</summary>
    public const byte DestinationOptions = 60;
}
