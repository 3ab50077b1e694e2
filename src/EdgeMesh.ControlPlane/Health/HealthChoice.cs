using System.Net;

namespace EdgeMesh.ControlPlane.Health;

/// <summary>What <c>--health</c> says. The library of the command line takes no option's null for an answer.</summary>
/// <param name="EndPoint">Where probes ask; null if nowhere.</param>
internal sealed record HealthChoice(IPEndPoint? EndPoint);
