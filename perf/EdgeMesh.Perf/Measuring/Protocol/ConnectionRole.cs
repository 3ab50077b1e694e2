namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>What a TCP connection to a server is for.</summary>
public enum ConnectionRole : byte
{
    /// <summary>No connection says so.</summary>
    None = 0,

    /// <summary>Messages of a session.</summary>
    Control = 1,

    /// <summary>The client sends: bulk, or requests that are answered here.</summary>
    ClientToServer = 2,

    /// <summary>The server sends bulk.</summary>
    ServerToClient = 3,
}
