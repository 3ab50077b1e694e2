namespace EdgeMesh.Io.Tun;

/// <summary>What a TUN device is opened with.</summary>
/// <param name="Name">Name of the link, at most 15 characters.</param>
/// <param name="MtuBytes">MTU of the link.</param>
/// <param name="Queues">How many queues are opened.</param>
/// <param name="Offload">Whether unfinished packets are taken where the kernel offers them.</param>
public sealed record TunOptions(string Name, int MtuBytes, int Queues, bool Offload);
