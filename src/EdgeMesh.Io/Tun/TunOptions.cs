namespace EdgeMesh.Io.Tun;

/// <summary>What the TUN device shall be.</summary>
/// <param name="Name">Name of the link, at most 15 bytes.</param>
/// <param name="MtuBytes">MTU, bytes, from <c>Limits.MtuBytesMin</c> to <c>Limits.MtuBytesMax</c>.</param>
/// <param name="Queues">How many queues will be opened, one per worker.</param>
/// <param name="Offload">Whether the kernel may hand over, and take, packets larger than the MTU with checksums open.</param>
public sealed record TunOptions(string Name, int MtuBytes, int Queues, bool Offload);
