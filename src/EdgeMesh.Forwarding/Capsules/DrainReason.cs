namespace EdgeMesh.Forwarding.Capsules;

/// <summary>Why an end sends nothing more on a lane: the first byte of a drain capsule; absent means 0.</summary>
public enum DrainReason
{
    /// <summary>It stops, or does not say why.</summary>
    Stopping = 0,

    /// <summary>Another connection takes the lane's place.</summary>
    Replaced = 1,
}
