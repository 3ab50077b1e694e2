namespace EdgeMesh.Cli;

/// <summary>A node in the doctor's table.</summary>
/// <param name="Name">Its name.</param>
internal sealed record NodeRow(string Name)
{
    /// <summary><c>ready</c>, <c>not ready</c>, or <c>none</c>: its agent's pod.</summary>
    public string Agent { get; init; } = "none";

    /// <summary>Version of the agent; empty: nothing published.</summary>
    public string Version { get; init; } = "";

    /// <summary>The generation in force there; 0: none, or nothing published.</summary>
    public ulong Generation { get; init; }

    /// <summary>Generations behind the newest; null: not known.</summary>
    public ulong? Lag { get; init; }

    /// <summary><c>pinned</c>, <c>pending</c>, <c>changed</c> or <c>none</c>.</summary>
    public string Key { get; init; } = "none";

    /// <summary>Is it in the mesh document?</summary>
    public bool IsInMesh { get; init; }

    /// <summary>Prefixes it has there.</summary>
    public int Prefixes { get; init; }

    /// <summary>Its pods that have a network of their own.</summary>
    public int Pods { get; init; }
}
