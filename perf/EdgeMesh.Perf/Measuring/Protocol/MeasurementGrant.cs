namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>A server's yes to a request.</summary>
public sealed record MeasurementGrant
{
    /// <summary>What the session's other connections and datagrams show.</summary>
    public ulong Token { get; set; }

    /// <summary>Where the session's datagrams go; 0: it has none.</summary>
    public int UdpPort { get; set; }

    /// <summary>Version of the server's program.</summary>
    public string Version { get; set; } = "";
}
