namespace EdgeMesh.Libp2p.Yamux;

/// <summary>What a frame is (yamux specification, "Type Field").</summary>
public enum YamuxFrameType
{
    /// <summary>Payload of a stream follows the header.</summary>
    Data = 0,

    /// <summary>The length field grants that many more bytes.</summary>
    WindowUpdate = 1,

    /// <summary>The length field is an opaque value; SYN asks, ACK answers.</summary>
    Ping = 2,

    /// <summary>The length field says why the sender takes no more streams.</summary>
    GoAway = 3,
}
