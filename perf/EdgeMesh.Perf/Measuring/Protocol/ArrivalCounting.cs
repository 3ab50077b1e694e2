namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>Who counts the datagrams that arrive.</summary>
public enum ArrivalCounting
{
    /// <summary>The receiving program reads each: loss, order and jitter are known.</summary>
    Program,

    /// <summary>
    /// The receiving kernel's counters for the whole network namespace: no program reads, so none competes for the
    /// processors with what carries the packets. Order and jitter are not known.
    /// </summary>
    Kernel,
}
