using System.Collections.Generic;
using EdgeMesh.FuzzTargets;

namespace EdgeMesh.UnitTests.Fuzzing;

/// <summary>Every fuzz target. A new target is a line here; a test says so if it is forgotten.</summary>
internal static class FuzzTargetList
{
    private const int Many = 3000;
    private const int Few = 300; // for targets that take a millisecond an input

    public static IReadOnlyList<FuzzTargetEntry> All { get; } =
    [
        // Packets and Forwarding
        new("CapsuleStream", CapsuleStreamTarget.Run, Many),
        new("Coalescer", CoalescerTarget.Run, Many),
        new("Deliverer", DelivererTarget.Run, Many),
        new("Forwarder", ForwarderTarget.Run, Many),
        new("Headers", HeadersTarget.Run, Many),
        new("Hello", HelloTarget.Run, Many),
        new("IcmpUnreachable", IcmpUnreachableTarget.Run, Many),
        new("Prefix", PrefixTarget.Run, Many),
        new("Routing", RoutingTarget.Run, Few),

        // Libp2p
        new("Connection", ConnectionTarget.Run, Few),
        new("Identify", IdentifyTarget.Run, Many),
        new("Multiaddr", MultiaddrTarget.Run, Many),
        new("Multistream", MultistreamTarget.Run, Many),
        new("NoiseHandshake", NoiseHandshakeTarget.Run, Few),
        new("NoiseUpgrade", NoiseUpgradeTarget.Run, Few),
        new("PeerId", PeerIdTarget.Run, Many),
        new("YamuxSession", YamuxSessionTarget.Run, Many),

        // Control side
        new("ControlFrame", ControlFrameTarget.Run, Many),
        new("KubeEvent", KubeEventTarget.Run, Many),
        new("Kubeconfig", KubeconfigTarget.Run, Few),
        new("MeshChange", MeshChangeTarget.Run, Many),
        new("MeshFile", MeshFileTarget.Run, Few),
        new("MeshIndex", MeshIndexTarget.Run, Many),
        new("MeshSettings", MeshSettingsTarget.Run, Few),
        new("Netlink", NetlinkTarget.Run, Many),
        new("NodePublication", NodePublicationTarget.Run, Many),
        new("Shard", ShardTarget.Run, Few),
        new("Snapshot", SnapshotTarget.Run, Many),

        // Measuring
        new("PerfControl", PerfControlTarget.Run, Many),
        new("PerfReport", PerfReportTarget.Run, Few),
        new("PerfWords", PerfWordsTarget.Run, Many),
    ];
}
