namespace EdgeMesh.Libp2p.Connections;

/// <summary>What a transport knows of its far end beyond the bytes that it delivers.</summary>
public abstract class TransportLiveness
{
    /// <summary>When the far end, or its kernel, was last heard, acknowledgements included; nanoseconds of the
    /// connection's <see cref="ConnectionTime"/>. Asked only when the peer seems to be gone.</summary>
    public abstract long HeardAt { get; }
}
