namespace EdgeMesh.Libp2p.Yamux;

/// <summary>What a session knows of one stream. Written by its <see cref="YamuxSession"/> only.</summary>
public sealed class YamuxStream
{
    internal YamuxStream(uint id, bool isInbound)
    {
        Id = id;
        IsInbound = isInbound;
        SendCredit = YamuxLimits.InitialWindowBytes;
        ReceiveCredit = YamuxLimits.InitialWindowBytes;
        WindowBytes = YamuxLimits.InitialWindowBytes;
    }

    /// <summary>Its id: odd if the client opened it.</summary>
    public uint Id { get; }

    /// <summary>Whether the peer opened it.</summary>
    public bool IsInbound { get; }

    /// <summary>Bytes that we may still send.</summary>
    public long SendCredit { get; internal set; }

    /// <summary>Bytes that the peer may still send.</summary>
    public long ReceiveCredit { get; internal set; }

    /// <summary>Size of the receive window, which <see cref="YamuxSession.Consume"/> tops up to.</summary>
    public long WindowBytes { get; internal set; }

    /// <summary>Bytes handed to the owner and not consumed yet.</summary>
    public long UnreadBytes { get; internal set; }

    /// <summary>The peer wrote its last byte.</summary>
    public bool IsRemoteFinished { get; internal set; }

    /// <summary>We wrote our last byte.</summary>
    public bool IsLocalFinished { get; internal set; }

    /// <summary>Over for the session: no further event, nothing more to write.</summary>
    public bool IsClosed { get; internal set; }

    /// <summary>Whoever uses the stream; the session never looks at it.</summary>
    public object? Owner { get; set; }

    // Sent, and neither acknowledged nor reset.
    internal bool IsUnacknowledged { get; set; }

    // The window is fixed from the start: it tops up, but doesn't grow.
    internal bool IsWindowFixed { get; set; }

    internal long WindowUpdatedAt { get; set; }

    // What the next control frame of the stream says. The queue is linked through the streams themselves, so it holds
    // each stream once, whatever the peer does.
    internal YamuxFlags PendingFlags { get; set; }

    internal long PendingCredit { get; set; }

    internal bool IsQueued { get; set; }

    internal YamuxStream? NextQueued { get; set; }
}
