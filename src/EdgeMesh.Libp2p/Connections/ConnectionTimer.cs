namespace EdgeMesh.Libp2p.Connections;

/// <summary>A timer of one thread, to be scheduled again and again. Whoever drops it cancels it first.</summary>
public abstract class ConnectionTimer
{
    /// <summary>Calls back once at that time (nanoseconds of its <see cref="ConnectionTime"/>), or as soon as it can;
    /// an earlier wish is forgotten.</summary>
    public abstract void Schedule(long due);

    /// <summary>Doesn't call back, unless it is scheduled again.</summary>
    public abstract void Cancel();
}
