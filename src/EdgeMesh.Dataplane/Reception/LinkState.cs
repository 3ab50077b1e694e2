namespace EdgeMesh.Dataplane.Reception;

/// <summary>Where a link to a peer stands.</summary>
internal enum LinkState
{
    /// <summary>The mesh document names no address: we wait for the peer to dial us.</summary>
    NoAddress,

    /// <summary>A dial is under way.</summary>
    Connecting,

    /// <summary>The last dial failed; the next waits for its time.</summary>
    Backoff,

    /// <summary>A connection is in use.</summary>
    Connected,
}
