namespace EdgeMesh.Benchmarks.Routing;

/// <summary>Where the routes of a sample come from.</summary>
public enum RouteKind
{
    /// <summary>Lengths as in the Internet's table, addresses anywhere.</summary>
    Internet,

    /// <summary>Blocks that nodes get from an IPAM, close together.</summary>
    Pods,

    /// <summary>Single addresses anywhere: the worst for memory.</summary>
    Hosts,
}
