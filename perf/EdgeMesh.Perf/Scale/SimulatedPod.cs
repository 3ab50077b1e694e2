using EdgeMesh.Perf.Scale.Api;

namespace EdgeMesh.Perf.Scale;

/// <summary>A pod of the simulation; its JSON is made when somebody asks for it. Guarded by its world's lock.</summary>
/// <param name="Serial">Number of the pod, never used again.</param>
/// <param name="Node">Number of its node.</param>
/// <param name="Address">Its address, host byte order.</param>
internal sealed record SimulatedPod(int Serial, int Node, uint Address)
{
    private const int Namespaces = 50;

    /// <summary>Its phase: an address is told from Running on.</summary>
    public string Phase { get; init; } = "Running";

    /// <summary>Is it being deleted?</summary>
    public bool IsEnding { get; init; }

    /// <summary>Its resourceVersion.</summary>
    public long Version { get; init; }

    /// <summary>Its namespace.</summary>
    public string Namespace => $"load-{Serial % Namespaces}";

    /// <summary>Its name.</summary>
    public string Name => $"app-{Serial / Namespaces % 100}-6f9c8b7d5-{Serial:x8}";

    /// <summary>What selectors ask of it.</summary>
    public ObjectFacts Facts => new(Namespace, Name) { NodeName = ScalePlan.NodeName(Node), Phase = Phase };
}
