using System.Collections.Generic;
using EdgeMesh.Kubernetes.Access;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

/// <summary>How the cluster is reached, and what this node says of itself there.</summary>
/// <param name="Namespace">Where our objects are; null: the service account's namespace, or kubeedge.</param>
/// <param name="Detection">Ways to the API.</param>
/// <param name="ShardsDirectory">Where the shards are mounted as files; null: they are read through the API.</param>
/// <param name="Advertise">Addresses at which others dial this node, as the operator wrote them; empty: its
/// own.</param>
internal sealed record KubernetesOptions(
    string? Namespace, KubeDetectionOptions Detection, string? ShardsDirectory, IReadOnlyList<string> Advertise);
