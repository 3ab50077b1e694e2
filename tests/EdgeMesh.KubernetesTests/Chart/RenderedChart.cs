using System;
using System.Collections.Generic;
using System.Linq;
using k8s;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>
/// The objects that the chart rendered, each decoded strictly: a field that its kind does not have fails.
/// </summary>
internal sealed class RenderedChart
{
    // Kinds of the Prometheus operator: no model of them is at hand.
    private static readonly string[] ForeignKinds = ["kind: PodMonitor", "kind: ServiceMonitor"];

    internal RenderedChart(string output)
    {
        string[] documents = [.. ("\n" + output).Split("\n---").Where(IsObject)];
        Foreign = [.. documents.Where(IsForeign)];
        Objects =
        [
            .. documents.Where(document => !IsForeign(document))
                .SelectMany(document => KubernetesYaml.LoadAllFromString(document, null, strict: true)),
        ];
        Text = output;
    }

    /// <summary>All objects of Kubernetes' own kinds.</summary>
    internal IReadOnlyList<object> Objects { get; }

    /// <summary>Texts of objects of other kinds.</summary>
    internal IReadOnlyList<string> Foreign { get; }

    /// <summary>What helm printed.</summary>
    internal string Text { get; }

    /// <summary>The agents' DaemonSet.</summary>
    internal V1DaemonSet Agent => Assert.Single(All<V1DaemonSet>());

    /// <summary>The container of the agents that moves packets.</summary>
    internal V1Container Dataplane => Container("dataplane");

    /// <summary>The container of the agents that tells the kernel and the data plane.</summary>
    internal V1Container Control => Container("control");

    /// <summary>The controller's Deployment.</summary>
    internal V1Deployment Controller => All<V1Deployment>().Single(one => one.Name() == "edgemesh-controller");

    /// <summary>What the controller reads.</summary>
    internal string Settings =>
        All<V1ConfigMap>().Single(one => one.Name() == "edgemesh-agent-cfg").Data["edgemesh-agent.yaml"];

    /// <summary>The pods of every workload.</summary>
    internal IEnumerable<V1PodSpec> Pods => All<V1DaemonSet>().Select(one => one.Spec.Template.Spec)
        .Concat(All<V1Deployment>().Select(one => one.Spec.Template.Spec))
        .Concat(All<V1Job>().Select(one => one.Spec.Template.Spec));

    /// <summary>Every container of every workload.</summary>
    internal IEnumerable<V1Container> Containers =>
        Pods.SelectMany(pod => pod.Containers.Concat(pod.InitContainers ?? []));

    /// <summary>The objects of one kind.</summary>
    internal IEnumerable<T> All<T>() => Objects.OfType<T>();

    /// <summary>One line of the settings, by its key.</summary>
    internal string Setting(string key)
    {
        string start = key + ": ";
        string found = Assert.Single(
            Settings.Split('\n'), line => line.StartsWith(start, StringComparison.Ordinal));
        return found[start.Length..];
    }

    /// <summary>One rule's text: groups, resources, names and verbs.</summary>
    internal static string Describe(V1PolicyRule rule) => string.Join(' ',
        string.Join(',', rule.ApiGroups.Select(group => group.Length == 0 ? "core" : group)),
        string.Join(',', rule.Resources),
        rule.ResourceNames is { Count: > 0 } names ? $"[{string.Join(',', names)}]" : "*",
        string.Join(',', rule.Verbs));

    private static bool IsObject(string document) => document.Contains("\nkind:", StringComparison.Ordinal);

    private static bool IsForeign(string document) =>
        ForeignKinds.Any(kind => document.Contains(kind, StringComparison.Ordinal));

    private V1Container Container(string name) => Agent.Spec.Template.Spec.Containers.Single(one => one.Name == name);
}
