using System;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>What a probe measured.</summary>
/// <param name="RoundTrip">From our worker to the peer's and back, the far queue included.</param>
/// <param name="FarQueueDelay">How long packets wait in the peer's queue towards us.</param>
public sealed record ProbeResult(TimeSpan RoundTrip, TimeSpan FarQueueDelay);
