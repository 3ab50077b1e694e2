namespace EdgeMesh.Perf.Scale;

/// <summary>What passed through a port of the stand-in.</summary>
/// <param name="Received">Bytes from clients.</param>
/// <param name="Sent">Bytes to clients.</param>
/// <param name="Requests">Requests.</param>
/// <param name="Connections">Connections, ever.</param>
internal sealed record PortCounts(long Received, long Sent, long Requests, long Connections)
{
    /// <summary>What came since.</summary>
    public PortCounts Since(PortCounts before) => new(
        Received - before.Received, Sent - before.Sent, Requests - before.Requests, Connections - before.Connections);
}
