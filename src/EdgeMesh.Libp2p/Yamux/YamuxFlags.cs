using System;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Flags of a frame (yamux specification, "Flag Field"); unknown bits are ignored.</summary>
[Flags]
public enum YamuxFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Opens a stream; asks, on a ping.</summary>
    Syn = 1,

    /// <summary>Accepts a stream; answers, on a ping.</summary>
    Ack = 2,

    /// <summary>The sender writes no more to the stream.</summary>
    Fin = 4,

    /// <summary>The stream ends at once, both ways.</summary>
    Rst = 8,
}
