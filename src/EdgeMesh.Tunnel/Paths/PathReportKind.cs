namespace EdgeMesh.Tunnel.Paths;

/// <summary>What can happen to a path at its worker.</summary>
internal enum PathReportKind
{
    /// <summary>The peer's Hello is here.</summary>
    HelloCame,

    /// <summary>A probe was answered.</summary>
    Carried,

    /// <summary>A probe was not answered in time; the connection is there all the same.</summary>
    Stalled,

    /// <summary>The peer says that it sends nothing more on it.</summary>
    PeerDrains,

    /// <summary>It is gone.</summary>
    Ended,
}
