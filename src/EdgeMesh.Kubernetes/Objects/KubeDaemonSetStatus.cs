namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>status</c> of a DaemonSet. Counts of nodes.</summary>
public sealed class KubeDaemonSetStatus
{
    /// <summary>Nodes that should run it.</summary>
    public int DesiredNumberScheduled { get; set; }

    /// <summary>Nodes that should and do run it.</summary>
    public int CurrentNumberScheduled { get; set; }

    /// <summary>Nodes whose pod is ready.</summary>
    public int NumberReady { get; set; }

    /// <summary>Nodes whose pod has been ready for a while.</summary>
    public int NumberAvailable { get; set; }

    /// <summary>Nodes whose pod is of the newest template.</summary>
    public int UpdatedNumberScheduled { get; set; }

    /// <summary>The generation that these counts belong to.</summary>
    public long ObservedGeneration { get; set; }
}
