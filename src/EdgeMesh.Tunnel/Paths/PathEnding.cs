namespace EdgeMesh.Tunnel.Paths;

/// <summary>Why a path ended. <see cref="PathEndings"/> has each one's label and sentence.</summary>
public enum PathEnding
{
    /// <summary>Another connection to the peer took its place.</summary>
    Replaced,

    /// <summary>The peer's process is another one now: the connection led to the one before.</summary>
    PeerRestarted,

    /// <summary>The peer left the mesh document.</summary>
    Removed,

    /// <summary>This process ends.</summary>
    Closed,

    /// <summary>The peer closed it in good order.</summary>
    RemoteClosed,

    /// <summary>The peer ended it before its Hello: it does not know this node yet, or has another connection.
    /// </summary>
    Refused,

    /// <summary>Neither the peer nor its kernel gave a sign of life.</summary>
    KeepAliveTimeout,

    /// <summary>It did not answer a probe while another connection to the peer did.</summary>
    Unanswered,

    /// <summary>The peer broke a protocol: Noise, yamux or the tunnel stream.</summary>
    ProtocolError,

    /// <summary>The peer says that we broke a protocol, or that it failed itself.</summary>
    RemoteError,

    /// <summary>A fault of ours; the log says which.</summary>
    InternalError,

    /// <summary>The network broke the connection.</summary>
    TransportError,
}
