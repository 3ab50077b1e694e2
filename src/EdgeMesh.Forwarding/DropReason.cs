namespace EdgeMesh.Forwarding;

/// <summary>Why a packet ended on purpose. <see cref="DropReasons"/> has each one's label and sentence.</summary>
/// <remarks>
/// The order is free, the labels are not: they are part of the metrics and of the CLI's output. "Out" is the way from
/// our TUN to a peer, "in" the way from a peer to our TUN.
/// </remarks>
public enum DropReason
{
    /// <summary>Not dropped.</summary>
    None = 0,

    /// <summary>
    /// Both ways: version, header length, total length or extension headers contradict the bytes.
    /// Cause: a broken sender, or a peer that sends garbage. Remedy: find the sender; a peer that does it is suspect.
    /// </summary>
    Malformed,

    /// <summary>
    /// Out: no prefix covers the destination, or two nodes claim it.
    /// Cause: the pod is gone, its node isn't in the mesh document, or the prefix was refused. Remedy: look at routes
    /// and conflicts in <c>edgemesh routes</c>.
    /// </summary>
    NoRoute,

    /// <summary>
    /// Out: the destination is multicast, broadcast, loopback, link-local or unspecified.
    /// Cause: the kernel's own chatter on the link (router solicitations, MLD); harmless in small numbers.
    /// </summary>
    Martian,

    /// <summary>
    /// Out: the destination is a prefix of this node, so the packet would come back to us.
    /// Cause: a route on the node sends its own prefix into the TUN. Remedy: <c>ip route get</c> of the address.
    /// </summary>
    Hairpin,

    /// <summary>
    /// Out: the source is not a prefix of this node; the far end would refuse the packet.
    /// Cause: another CNI masquerades, the host itself spoke from its underlay address, or a pod spoofs.
    /// Remedy: check the NAT exemption (<c>nft list table inet edgemesh</c>) and the node's prefixes in the mesh
    /// document.
    /// </summary>
    SourceNotLocal,

    /// <summary>
    /// Out: the peer has no connection, or lost it while the packet was queued. In: the peer just left the mesh.
    /// Cause: the node is down or unreachable. Remedy: <c>edgemesh peers</c> says why.
    /// </summary>
    PeerDown,

    /// <summary>
    /// Out: the peer's queue was full and this packet's flow had the most in it.
    /// Cause: pods send faster than the underlay carries. Remedy: none if rare; else more bandwidth.
    /// </summary>
    QueueFull,

    /// <summary>
    /// Out: the packet waited too long and CoDel dropped it to tell the sender (RFC 8289).
    /// Cause: a bulk flow fills the path. Normal; ECN-capable flows are marked instead.
    /// </summary>
    CoDel,

    /// <summary>
    /// Out: the packet waited longer than any use of it, as nothing took packets from the peer's queue.
    /// Cause: the path to the peer is stalled (no coverage, a stopped process), or its far end grants no window.
    /// Remedy: none if it passes; else see the peer's state in <c>edgemesh peers</c> and look at that node.
    /// </summary>
    TooOld,

    /// <summary>
    /// Both ways: the offload header contradicts the packet.
    /// Cause: a peer that lies, or a kernel that offloads what we didn't ask for. Remedy: <c>--offload off</c>.
    /// </summary>
    BadOffload,

    /// <summary>
    /// Both ways: longer than a packet can be, or than its slot; or a super-packet of so many tiny segments that their
    /// headers are the most of it. Cause: a link with a larger MTU than the TUN's, a broken peer, or a TCP that asks
    /// for segments of under about 100 bytes from a node whose peer takes no offloads.
    /// </summary>
    TooBig,

    /// <summary>
    /// Both ways: the worker's pool had no slot.
    /// Cause: many queued packets. Remedy: raise <c>--pool-mib</c>.
    /// </summary>
    PoolExhausted,

    /// <summary>
    /// In: the longest prefix of the source does not belong to the peer that sent the packet.
    /// Cause: the peer lies, or the two nodes know different generations. Remedy: compare <c>edgemesh status</c> of
    /// both.
    /// </summary>
    SpoofedSource,

    /// <summary>
    /// In: this node doesn't serve the destination.
    /// Cause: the two nodes know different generations. Remedy: compare <c>edgemesh status</c> of both.
    /// </summary>
    NotLocal,

    /// <summary>
    /// In: the kernel refused the write to the TUN.
    /// Cause: the link is down, or the kernel is older than the offload. Remedy: <c>ip link</c>; <c>--offload off</c>.
    /// </summary>
    TunError,

    /// <summary>
    /// Both ways: the process was stopping.
    /// Cause: a restart; what was queued longer than the drain takes is dropped.
    /// </summary>
    Stopping,
}
