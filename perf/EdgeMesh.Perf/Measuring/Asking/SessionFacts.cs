using System.Net;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>What a session showed besides its figures.</summary>
/// <param name="LocalAddress">This end's address.</param>
/// <param name="Congestion">TCP's congestion control here.</param>
/// <param name="ServerVersion">Version of the server's program.</param>
internal sealed record SessionFacts(IPAddress LocalAddress, string Congestion, string ServerVersion);
