namespace EdgeMesh.Io.Loops;

/// <summary>
/// One packet to be written to a TUN queue: its bytes, and before them an offload header that may lie elsewhere.
/// </summary>
internal struct PacketWrite
{
    /// <summary>Address of the offload header; 0 if it directly precedes the packet or the device has none.</summary>
    public nint HeaderAddress;

    /// <summary>Address of the first byte.</summary>
    public nint Address;

    /// <summary>Bytes from <see cref="Address"/>.</summary>
    public int Length;

    /// <summary>What the kernel answered: a count, or a negated errno.</summary>
    public int Result;
}
