using System;

namespace EdgeMesh.ControlPlane.Installation;

/// <summary>Options of <c>edgemesh-control reach</c>.</summary>
/// <param name="Namespace">The pods' namespace.</param>
/// <param name="Selector">Which pods, as kubectl's -l.</param>
/// <param name="Port">The TCP port at which they listen.</param>
/// <param name="TimeLimit">When to give up.</param>
internal sealed record ReachOptions(string Namespace, string Selector, int Port, TimeSpan TimeLimit);
