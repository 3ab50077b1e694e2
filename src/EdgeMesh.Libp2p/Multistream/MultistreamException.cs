using System;

namespace EdgeMesh.Libp2p.Multistreams;

/// <summary>A negotiation ended without a protocol.</summary>
public sealed class MultistreamException : Exception
{
    /// <summary>Names the cause.</summary>
    public MultistreamException(MultistreamState state)
        : base(state switch
        {
            MultistreamState.NoCommonProtocol => "the peer and we have no protocol in common",
            MultistreamState.Malformed => "the peer doesn't speak multistream-select 1.0",
            MultistreamState.Closed => "the peer closed the stream before a protocol was agreed",
            _ => $"the negotiation ended in state {state}",
        }) => State = state;

    /// <summary>Where the negotiation ended.</summary>
    public MultistreamState State { get; }
}
