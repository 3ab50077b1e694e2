namespace EdgeMesh.Libp2p.Multistreams;

/// <summary>Where a negotiation stands. Everything but <see cref="Negotiating"/> is final.</summary>
public enum MultistreamState
{
    /// <summary>Messages are still to come.</summary>
    Negotiating,

    /// <summary>Both sides have the same protocol: <see cref="MultistreamNegotiator.Protocol"/>.</summary>
    Agreed,

    /// <summary>Initiator: the peer supports none of our protocols. Responder: too many proposals.</summary>
    NoCommonProtocol,

    /// <summary>The peer doesn't speak multistream-select 1.0: wrong header, length, or answer.</summary>
    Malformed,

    /// <summary>The peer closed its side before there was an agreement.</summary>
    Closed,
}
