using System.Net;

namespace EdgeMesh.Lab.Topologies;

/// <summary>A machine of the underlay that is no node of the mesh: strangers, relays to come, crafted peers.</summary>
/// <param name="Name">Unique in the topology.</param>
/// <param name="Address">Its underlay address.</param>
public sealed record HostPlan(string Name, IPAddress Address);
