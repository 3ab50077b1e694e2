namespace EdgeMesh.Tunnel.Paths;

/// <summary>How a path reaches its peer; smaller is better.</summary>
public enum PathKind
{
    /// <summary>A connection to the peer itself, whoever dialed it.</summary>
    Direct = 0,

    /// <summary>A connection through a relay.</summary>
    Relayed = 1,
}
