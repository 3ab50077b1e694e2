using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>One node as the composer knows it. Belongs to the <see cref="MeshComposer"/>.</summary>
/// <param name="name">The node's name.</param>
internal sealed class ClusterNode(string name)
{
    /// <summary>The node's name.</summary>
    internal string Name { get; } = name;

    /// <summary>
    /// Does the cluster have it? False: only pods or an earlier document speak of it, or its absence is proven.
    /// </summary>
    internal bool IsKnown { get; set; }

    /// <summary>Prefixes that the cluster gave it, canonical.</summary>
    internal IReadOnlyList<IpPrefix> PodCidrs { get; set; } = [];

    /// <summary>Addresses of its pods.</summary>
    internal HashSet<PodAddress> Addresses { get; } = [];

    /// <summary>What was made of its keys.</summary>
    internal TrustVerdict Verdict { get; set; } = TrustVerdict.Nothing;

    /// <summary>What the document has of it; null: nothing. Never changed once it is here.</summary>
    internal MeshNode? InMesh { get; set; }

    /// <summary>Has anything changed since <see cref="InMesh"/> was made?</summary>
    internal bool IsDirty { get; set; } = true;

    /// <summary>What is wrong with its prefixes and addresses.</summary>
    internal List<ControllerFinding> Findings { get; } = [];
}
