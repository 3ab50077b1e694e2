using System.Collections.Generic;

namespace EdgeMesh.Forwarding;

/// <summary>Each <see cref="DropReason"/>'s label and sentence, for metrics and for the operator.</summary>
public static class DropReasons
{
    private static readonly (string Label, string Explanation)[] Table =
    [
        ("none", "Not dropped."),
        ("malformed", "The packet's headers contradict its bytes; find the sender, a peer that does it is suspect."),
        ("no_route", "No node serves the destination, or two claim it; see edgemesh routes."),
        (
            "martian",
            "Multicast, broadcast, loopback or link-local destination; the kernel's own chatter, harmless if rare."),
        ("hairpin", "The destination is this node's own prefix; a route on the node wrongly sends it into the TUN."),
        (
            "source_not_local",
            "The source is not a prefix of this node: masquerading by another CNI, the host itself, or "
            + "a spoofing pod; nft list table inet edgemesh shows the exemption."),
        ("peer_down", "The destination's node has no connection; edgemesh peers says why."),
        ("queue_full", "Pods send faster than the path carries; the fattest flow lost packets."),
        (
            "codel",
            "The packet waited too long and was dropped to slow its sender down; normal for bulk flows without ECN."),
        (
            "too_old",
            "Nothing took packets from the peer's queue for a second: its path is stalled, or that node hangs; see "
            + "edgemesh peers."),
        (
            "bad_offload",
            "The offload header contradicts the packet: a peer that lies or a broken kernel; try --offload off."),
        ("too_big", "Longer than a packet or slot can be, or cut into too many segments; compare the links' MTUs."),
        ("pool_exhausted", "The worker's packet pool is used up; raise --pool-mib."),
        (
            "spoofed_source",
            "The source does not belong to the peer that sent the packet: it lies, or the nodes' generations differ."),
        (
            "not_local",
            "This node does not serve the destination; the nodes' generations differ, compare edgemesh status."),
        ("tun_error", "The kernel refused the packet: the link is down, or too old for an offload; try --offload off."),
        ("stopping", "The process was stopping and the packet was still queued."),
    ];

    /// <summary>How many reasons there are, <see cref="DropReason.None"/> included.</summary>
    public static int Count => Table.Length;

    /// <summary>All reasons but <see cref="DropReason.None"/>.</summary>
    public static IEnumerable<DropReason> All
    {
        get
        {
            for (int reason = 1; reason < Table.Length; reason++)
            {
                yield return (DropReason)reason;
            }
        }
    }

    /// <summary>The label in metrics and in the CLI's output: lower case, words joined by underscores.</summary>
    public static string Label(DropReason reason) => Table[(int)reason].Label;

    /// <summary>What it means and what to do, in one sentence.</summary>
    public static string Explanation(DropReason reason) => Table[(int)reason].Explanation;
}
