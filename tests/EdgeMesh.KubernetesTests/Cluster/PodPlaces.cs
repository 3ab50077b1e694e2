using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Lab.Kubernetes;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>Pods by where they are.</summary>
internal static class PodPlaces
{
    /// <summary>The first pod on a node.</summary>
    public static PodPlace On(this IEnumerable<PodPlace> pods, string node) => pods.First(pod => pod.Node.Name == node);
}
