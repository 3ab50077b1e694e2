namespace EdgeMesh.Dataplane.Model;

/// <summary>How many peers are in one state on one kind of path.</summary>
/// <param name="State">connected, stalled, warming, connecting, backoff or no_address.</param>
/// <param name="Path">direct or relay; none while there is no connection.</param>
/// <param name="Count">How many.</param>
internal readonly record struct PeerCount(string State, string Path, long Count);
