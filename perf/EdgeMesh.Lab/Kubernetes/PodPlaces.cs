using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>Pods by where they are.</summary>
public static class PodPlaces
{
    /// <summary>The first pod on a node.</summary>
    public static PodPlace On(this IEnumerable<PodPlace> pods, string node) => pods.First(pod => pod.Node.Name == node);
}
