namespace EdgeMesh.Packets.Headers;

/// <summary>What kind of segments an offloaded packet stands for: <c>VIRTIO_NET_HDR_GSO_*</c>.</summary>
public enum OffloadType : byte
{
    /// <summary>One packet, not a run of segments.</summary>
    None = 0,

    /// <summary>TCP over IPv4.</summary>
    Tcp4 = 1,

    /// <summary>TCP over IPv6.</summary>
    Tcp6 = 4,

    /// <summary>UDP datagrams over either version (<c>UDP_L4</c>).</summary>
    Udp = 5,
}
