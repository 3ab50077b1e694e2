using EdgeMesh.Packets;

namespace EdgeMesh.Underlay;

/// <summary>
/// A timer of one loop, to be scheduled again and again without allocating. Belongs to the loop's thread.
/// </summary>
public abstract class LoopTimer
{
    /// <summary>When it fires next; <see cref="Instant.Never"/> if it is not scheduled.</summary>
    public Instant Due { get; protected set; } = Instant.Never;

    /// <summary>Fires at <paramref name="due"/>, instead of any time set before.</summary>
    public abstract void Schedule(Instant due);

    /// <summary>Does not fire.</summary>
    public abstract void Cancel();
}
