using System.Net;

namespace EdgeMesh.Native.Netlink;

/// <summary>A unicast route of the main table.</summary>
/// <param name="Destination">Where it leads.</param>
/// <param name="LinkIndex">Interface index it leaves by; 0 if it has several next hops.</param>
/// <param name="Protocol">Who made it: RTPROT_*.</param>
/// <param name="Priority">Metric; lower wins.</param>
/// <param name="Gateway">Next hop, null for what is on the link.</param>
public sealed record RouteInfo(IPNetwork Destination, int LinkIndex, byte Protocol, uint Priority, IPAddress? Gateway);
