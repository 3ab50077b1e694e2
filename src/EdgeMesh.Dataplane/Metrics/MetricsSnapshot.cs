using System.Collections.Generic;

namespace EdgeMesh.Dataplane.Metrics;

/// <summary>
/// Everything a scrape shows, as plain values, summed over the workers. May be filled anew and used again for the next
/// scrape.
/// </summary>
internal sealed class MetricsSnapshot
{
    /// <summary>Version of this build, with its commit behind a plus sign if it is known.</summary>
    public required string Version { get; init; }

    /// <summary>Name of this node.</summary>
    public required string Node { get; init; }

    /// <summary>Peer id of this node, in text.</summary>
    public required string PeerId { get; init; }

    /// <summary>From the TUN to peers.</summary>
    public DirectionCounts Out { get; set; }

    /// <summary>From peers to the TUN.</summary>
    public DirectionCounts In { get; set; }

    /// <summary>Drops between the TUN and the peers, by reason; every reason, also those at zero.</summary>
    public IReadOnlyList<LabelledCount> DroppedOut { get; set; } = [];

    /// <summary>Drops between the peers and the TUN, by reason; every reason, also those at zero.</summary>
    public IReadOnlyList<LabelledCount> DroppedIn { get; set; } = [];

    /// <summary>Packets in the peers' flow queues.</summary>
    public long QueuePackets { get; set; }

    /// <summary>Their bytes.</summary>
    public long QueueBytes { get; set; }

    /// <summary>Bytes of slots in use.</summary>
    public long PoolUsedBytes { get; set; }

    /// <summary>Bytes of slots that are allocated and free.</summary>
    public long PoolFreeBytes { get; set; }

    /// <summary>Memory of the pools.</summary>
    public long PoolLimitBytes { get; set; }

    /// <summary>How often a pool had no slot.</summary>
    public long PoolExhausted { get; set; }

    /// <summary>Peers by state and path; combinations at zero may be left out.</summary>
    public IReadOnlyList<PeerCount> Peers { get; set; } = [];

    /// <summary>Open streams of the connections with peers.</summary>
    public long Streams { get; set; }

    /// <summary>What happened to connections, by reason; every reason, also those at zero.</summary>
    public IReadOnlyList<LabelledCount> ConnectionEvents { get; set; } = [];

    /// <summary>IPv4 routes in force.</summary>
    public long RoutesIpv4 { get; set; }

    /// <summary>IPv6 routes in force.</summary>
    public long RoutesIpv6 { get; set; }

    /// <summary>Prefixes refused because two nodes claim them.</summary>
    public long Conflicts { get; set; }

    /// <summary>Generation of the mesh document in force.</summary>
    public long Generation { get; set; }

    /// <summary>Since a control process last confirmed the document.</summary>
    public double SnapshotAgeSeconds { get; set; }

    /// <summary>Whether a control process holds a connection.</summary>
    public bool IsControlConnected { get; set; }

    /// <summary>Workers.</summary>
    public long Workers { get; set; }

    /// <summary>io_uring or epoll.</summary>
    public string IoBackend { get; set; } = "";

    /// <summary>What the back end found in this kernel.</summary>
    public IReadOnlyList<string> IoFeatures { get; set; } = [];

    /// <summary>Offloads of the TUN in use; empty if off.</summary>
    public IReadOnlyList<string> Offloads { get; set; } = [];

    /// <summary>System calls that the workers' loops made.</summary>
    public long SystemCalls { get; set; }

    /// <summary>Managed bytes that the workers' threads allocated.</summary>
    public long AllocatedBytes { get; set; }

    /// <summary>Times that the workers' loops went round.</summary>
    public long LoopIterations { get; set; }

    /// <summary>Completions and readiness events that the workers' loops handled.</summary>
    public long Completions { get; set; }
}
