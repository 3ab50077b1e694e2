using System;

namespace EdgeMesh.Underlay;

/// <summary>A connection between two loops. Whoever holds it attaches or disposes it, exactly once.</summary>
public abstract class DetachedConnection : IDisposable
{
    /// <summary>Gives the connection to a loop, on that loop's thread, for the rest of its life.</summary>
    /// <param name="loop">A loop of the same kind as the one it came from.</param>
    public abstract UnderlayConnection Attach(Loop loop);

    /// <summary>Ends the connection, if no loop took it. Safe from every thread.</summary>
    public abstract void Dispose();
}
