namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>How the kernel objects that are ours are told from others'.</summary>
public static class KernelMarks
{
    /// <summary>
    /// Protocol number of our routes (RTPROT_*): one that neither linux/rtnetlink.h nor iproute2's rt_protos names.
    /// <c>ip route show proto 141</c> lists them.
    /// </summary>
    public const byte RouteProtocol = 141;

    /// <summary>Our nftables table, of family inet.</summary>
    public const string TableName = "edgemesh";

    /// <summary>Name of our TUN link, unless the operator gives another one: the data plane's default.</summary>
    public const string LinkNameDefault = "edge_tun0";

    /// <summary>Alias of our TUN link; the data plane sets it when it makes the link.</summary>
    public const string LinkAlias = "edgemesh-dataplane";

    /// <summary>Metric of our IPv6 routes, as the kernel gives it by default (IP6_RT_PRIO_USER).</summary>
    public const uint Ipv6Metric = 1024;
}
