namespace EdgeMesh.Libp2p.Security;

/// <summary>Why a connection was not secured. Each is one counter of its own.</summary>
public enum UpgradeFailure
{
    /// <summary>The peer is not in the mesh.</summary>
    Stranger,

    /// <summary>Another peer answered than the one we dialed.</summary>
    WrongPeer,

    /// <summary>The identity did not sign the handshake's static key.</summary>
    BadSignature,

    /// <summary>The identity's key is of a kind that no node of a mesh has.</summary>
    UnsupportedKeyType,

    /// <summary>Bytes that are no multistream message, no Noise message or no payload, or are too long.</summary>
    Malformed,

    /// <summary>A Noise message whose tag is wrong, or a public key of low order: tampering.</summary>
    Tampered,

    /// <summary>The peer speaks no security protocol of ours.</summary>
    NoCommonProtocol,

    /// <summary>The peer speaks no stream multiplexer of ours.</summary>
    NoCommonMuxer,

    /// <summary>The peer closed the connection in the middle.</summary>
    Closed,
}
