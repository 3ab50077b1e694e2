namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Why a side takes no more streams (yamux specification, "Go Away").</summary>
public enum YamuxGoAwayCode
{
    /// <summary>Normal end: open streams may finish.</summary>
    Normal = 0,

    /// <summary>The receiver of this code broke the protocol.</summary>
    ProtocolError = 1,

    /// <summary>The sender of this code failed.</summary>
    InternalError = 2,
}
