namespace EdgeMesh.Libp2p.Multistreams;

/// <summary>Limits of multistream-select.</summary>
public static class MultistreamLimits
{
    /// <summary>Longest message, newline included, bytes: what go-multistream accepts.</summary>
    public const int MessageBytesMax = 1024;

    /// <summary>Longest protocol id, bytes.</summary>
    public const int ProtocolBytesMax = MessageBytesMax - 1;

    /// <summary>The length before a message: a varint of at most 14 bits.</summary>
    internal const int LengthBytesMax = 2;

    /// <summary>Proposals that a responder answers before it gives up. go proposes two, js one.</summary>
    public const int ProposalsMax = 16;

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte LengthFits14Bits = MessageBytesMax < (1 << 14) ? 0 : -1;
}
