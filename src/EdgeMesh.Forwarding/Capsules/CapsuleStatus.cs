namespace EdgeMesh.Forwarding.Capsules;

/// <summary>What one step of a <see cref="CapsuleReader"/> found.</summary>
public enum CapsuleStatus
{
    /// <summary>The bytes are used up; go on with the next ones.</summary>
    NeedMore,

    /// <summary>A whole capsule of a type we know.</summary>
    Complete,

    /// <summary>A packet spans several reads and the pool has no slot for it: it is skipped, count one drop.</summary>
    PoolExhausted,

    /// <summary>A length beyond the limit: the stream can't be trusted any more, reset it.</summary>
    TooLong,
}
