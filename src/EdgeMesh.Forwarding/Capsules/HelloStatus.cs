namespace EdgeMesh.Forwarding.Capsules;

/// <summary>What became of the bytes given to a <see cref="HelloReader"/>.</summary>
public enum HelloStatus
{
    /// <summary>All used, more needed.</summary>
    NeedMore,

    /// <summary>The Hello is there; what is left of the bytes are capsules.</summary>
    Complete,

    /// <summary>Too long, or not a Hello: reset the stream.</summary>
    Malformed,
}
