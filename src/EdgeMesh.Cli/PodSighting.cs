using System;
using System.Collections.Generic;
using System.Net;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Cli;

/// <summary>An address of a pod that has a network of its own.</summary>
/// <param name="Pod">Namespace and name.</param>
/// <param name="Node">Its node.</param>
/// <param name="Address">The address.</param>
/// <param name="Created">When the pod was made; null: not said.</param>
internal sealed record PodSighting(string Pod, string Node, IPAddress Address, DateTimeOffset? Created)
{
    /// <summary>The addresses of the pods that live: those of the node's own network have none of their own.</summary>
    public static IEnumerable<PodSighting> Of(IEnumerable<KubePod> pods)
    {
        foreach (KubePod pod in pods)
        {
            if (pod.Spec is not { HostNetwork: false, NodeName: { Length: > 0 } node }
                || pod.Status is not { } status || status.Phase is "Succeeded" or "Failed")
            {
                continue;
            }

            DateTimeOffset? created = KubeTimestamp.TryParse(pod.Metadata.CreationTimestamp, out DateTimeOffset time)
                ? time : null;
            IEnumerable<string?> texts = status.PodIps is { Count: > 0 } several
                ? several.ConvertAll(one => one.Ip) : [status.PodIp];
            foreach (string? text in texts)
            {
                if (IPAddress.TryParse(text, out IPAddress? address))
                {
                    yield return new PodSighting(pod.Metadata.Key, node, address, created);
                }
            }
        }
    }
}
