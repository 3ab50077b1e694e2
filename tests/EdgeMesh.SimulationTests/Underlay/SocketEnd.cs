namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>How a simulated socket stands.</summary>
internal enum SocketEnd
{
    /// <summary>It works.</summary>
    None = 0,

    /// <summary>The far end, or its kernel, reset it (ECONNRESET).</summary>
    Reset,

    /// <summary>Nothing came back for too long (ETIMEDOUT).</summary>
    TimedOut,

    /// <summary>The process closed it; what was sent may still be on its way.</summary>
    Closed,

    /// <summary>The kernel knows it no longer.</summary>
    Gone,
}
