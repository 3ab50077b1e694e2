namespace EdgeMesh.Forwarding.Routing;

/// <summary>Both tables of one generation, published by one reference. Immutable, for every thread.</summary>
/// <param name="V4">IPv4.</param>
/// <param name="V6">IPv6.</param>
public sealed record RoutingTables(RoutingTable4 V4, RoutingTable6 V6)
{
    /// <summary>No route at all.</summary>
    public static RoutingTables Empty { get; } = new(RoutingTable4.Empty, RoutingTable6.Empty);
}
