namespace EdgeMesh.Io.Loops;

/// <summary>One packet to be read from a TUN queue if there is one.</summary>
internal struct PacketRead
{
    /// <summary>Where it goes.</summary>
    public nint Address;

    /// <summary>At most that many bytes.</summary>
    public int Length;

    /// <summary>What the kernel answered: a count, or a negated errno; -EAGAIN if there was none.</summary>
    public int Result;
}
