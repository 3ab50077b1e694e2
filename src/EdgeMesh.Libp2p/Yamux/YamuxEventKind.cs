namespace EdgeMesh.Libp2p.Yamux;

/// <summary>What happened in a session.</summary>
public enum YamuxEventKind
{
    /// <summary>Nothing more: all bytes are consumed.</summary>
    None = 0,

    /// <summary>The peer opened a stream: accept it or reset it.</summary>
    Opened,

    /// <summary>The peer accepted a stream of ours.</summary>
    Accepted,

    /// <summary>The peer granted a stream more credit.</summary>
    Credit,

    /// <summary>Payload: the last <see cref="YamuxEvent.DataLength"/> of the consumed bytes.</summary>
    Data,

    /// <summary>The peer writes no more to the stream.</summary>
    Finished,

    /// <summary>The stream ended at once: the peer reset it.</summary>
    Reset,

    /// <summary>The stream ended at once: the peer wrote after its own FIN, and we reset it.</summary>
    Broken,

    /// <summary>The peer takes no more streams; <see cref="YamuxSession.RemoteGoAway"/> says why.</summary>
    GoAway,

    /// <summary>The session is over: <see cref="YamuxSession.Violation"/>.</summary>
    Violated,
}
