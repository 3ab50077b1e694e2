using System.Net;

namespace EdgeMesh.Lab.Topologies;

/// <summary>A pod to build.</summary>
/// <param name="Name">Unique in the topology.</param>
/// <param name="Address4">Its IPv4 address.</param>
/// <param name="Address6">Its IPv6 address.</param>
public sealed record PodPlan(string Name, IPAddress Address4, IPAddress Address6);
