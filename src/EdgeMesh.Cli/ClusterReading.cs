using System;
using System.Collections.Generic;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Cli;

/// <summary>All that <c>edgemesh doctor --cluster</c> has read, before anything is judged.</summary>
internal sealed record ClusterReading
{
    /// <summary>The namespace of the product's objects.</summary>
    public required string Namespace { get; init; }

    /// <summary>When it was read, by this machine's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The cluster's nodes.</summary>
    public IReadOnlyList<KubeNode> Nodes { get; init; } = [];

    /// <summary>Pods of all namespaces.</summary>
    public IReadOnlyList<KubePod> Pods { get; init; } = [];

    /// <summary>What nodes said, by name.</summary>
    public IReadOnlyDictionary<string, PublishedNode> Published { get; init; } =
        new Dictionary<string, PublishedNode>();

    /// <summary>Which keys are trusted, by node.</summary>
    public IReadOnlyDictionary<string, TrustRecord> Trusted { get; init; } = new Dictionary<string, TrustRecord>();

    /// <summary>The newest index; null: none.</summary>
    public MeshIndex? Index { get; init; }

    /// <summary>The document that nodes have; null: none, or none that can be put together.</summary>
    public MeshDocument? Document { get; init; }

    /// <summary>The newest generation that was written.</summary>
    public ulong NewestGeneration { get; init; }

    /// <summary>What is wrong with the index, shards and changes, a sentence each.</summary>
    public IReadOnlyList<string> MeshProblems { get; init; } = [];

    /// <summary>What is wrong with other objects of the product, a sentence each.</summary>
    public IReadOnlyList<string> ObjectProblems { get; init; } = [];

    /// <summary>The controllers' Lease; null: there is none.</summary>
    public KubeLease? Lease { get; init; }
}
