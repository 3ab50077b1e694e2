namespace EdgeMesh.Libp2p.Connections;

/// <summary>What a <see cref="ConnectionCore"/> asks of whoever drives it.</summary>
internal abstract class ConnectionOwner
{
    /// <summary>Whom its streams belong to.</summary>
    public abstract Connection Connection { get; }

    /// <summary>Whether another stream of the peer can be served.</summary>
    public abstract bool CanServe { get; }

    /// <summary>Hands what was written to the transport.</summary>
    /// <returns>True if that is done; else <see cref="ConnectionCore.HandleFlushed"/> follows.</returns>
    public abstract bool Flush();

    /// <summary>A stream has something to send or to say, and nothing else is going on: calls
    /// <see cref="ConnectionCore.Service"/>.</summary>
    public abstract void HandleWork();

    /// <summary>The peer opened an ordinary stream, whose protocol is agreed.</summary>
    public abstract void Serve(MuxedStream stream);

    /// <summary>The connection is over; all streams have ended. Called once.</summary>
    public abstract void HandleEnd();

    /// <summary>Throws unless the caller is on the connection's thread.</summary>
    public abstract void CheckThread();
}
