using EdgeMesh.Forwarding.Capsules;

namespace EdgeMesh.Tunnel.Workers;

/// <summary>What the workers of a node have in common.</summary>
public sealed record WorkerOptions
{
    /// <summary>This node's name in the mesh document.</summary>
    public required string NodeName { get; init; }

    /// <summary>How many workers the node has; each is willing to have one lane to each peer.</summary>
    public required int Workers { get; init; }

    /// <summary>Random number of this process, not 0: tells peers that they talk to another one than before.</summary>
    public required ulong Instance { get; init; }

    /// <summary>Random and secret: pods must not be able to choose flows that share a queue.</summary>
    public required ulong FlowSeed { get; init; }

    /// <summary>
    /// The seed of one worker. Datagrams are numbered from its upper half on, so that the numbers of two workers, whose
    /// packets may meet in one queue, are 2^26 apart at least.
    /// </summary>
    internal ulong FlowSeedOf(int worker) => FlowSeed ^ ((ulong)worker << (64 - 6)); // 64 workers at most

    /// <summary>What a worker says first on each tunnel stream.</summary>
    internal Hello MakeHello(HelloFeatures features) => new()
    {
        NodeName = NodeName,
        Features = features,
        LaneCount = Workers,
        Instance = Instance,
    };
}
