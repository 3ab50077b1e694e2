using System;
using System.IO;

namespace EdgeMesh.Lab.Networks;

/// <summary>How a lab is built.</summary>
public sealed record LabOptions
{
    /// <summary>
    /// Whether the kernel routes between all nodes, without a tunnel: what figures are compared with.
    /// </summary>
    public bool IsPlainRouting { get; init; }

    /// <summary>MTU of the underlay's links, bytes.</summary>
    public int UnderlayMtuBytes { get; init; } = 1500;

    /// <summary>MTU of the pods' links, bytes.</summary>
    public int PodMtuBytes { get; init; } = 1500;

    /// <summary>
    /// Where logs go, one folder per lab: EDGEMESH_LAB_LOGS, else <c>artifacts/lab</c> of the repository.
    /// </summary>
    public string LogRoot { get; init; } =
        Environment.GetEnvironmentVariable("EDGEMESH_LAB_LOGS") ?? Path.Combine(Repository.ArtifactsDirectory, "lab");
}
