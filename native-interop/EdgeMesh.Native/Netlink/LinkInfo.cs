namespace EdgeMesh.Native.Netlink;

/// <summary>A network link as the kernel lists it.</summary>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Name.</param>
/// <param name="MtuBytes">MTU.</param>
/// <param name="IsUp">Is it administratively up?</param>
/// <param name="Alias">Alias, empty if it has none.</param>
/// <param name="Kind">"tun", "bridge", "veth"...; empty for hardware.</param>
/// <param name="TunQueues">Queues of a multi-queue TUN link that processes have open; 0 for others.</param>
/// <param name="TransmitDropped">Packets that the kernel dropped instead of giving them to the link, since the link was
/// made.</param>
public sealed record LinkInfo(
    int Index,
    string Name,
    int MtuBytes,
    bool IsUp,
    string Alias,
    string Kind,
    int TunQueues = 0,
    long TransmitDropped = 0);
