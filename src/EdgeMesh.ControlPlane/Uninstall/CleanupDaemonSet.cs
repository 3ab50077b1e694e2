using System;
using System.Linq;
using System.Text.Json.Nodes;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.ControlPlane.Uninstall;

/// <summary>Makes the DaemonSet that cleans up after the agents', where these ran and with what they may.</summary>
internal static class CleanupDaemonSet
{
    /// <summary>Label of its pods.</summary>
    internal const string Label = "edgemesh.io/cleanup";

    /// <summary>Where its pods answer the kubelet; the agents' own ports may still be taken.</summary>
    internal const int HealthPort = 9467;

    private const string ControlContainer = "control";
    private const string Program = "/usr/local/bin/edgemesh-control";

    // What says where and as whom pods run. Init containers, probes and the other container don't come along.
    private static readonly string[] PodFields =
    [
        "affinity", "nodeSelector", "tolerations", "imagePullSecrets", "hostNetwork", "dnsPolicy", "priorityClassName",
        "serviceAccountName", "securityContext", "volumes", "runtimeClassName",
    ];

    private static readonly string[] ContainerFields =
        ["image", "imagePullPolicy", "securityContext", "volumeMounts", "env", "resources"];

    /// <summary>Its name.</summary>
    internal static string NameOf(string agents) => agents + "-cleanup";

    /// <summary>Makes it.</summary>
    /// <param name="agents">The agents' DaemonSet.</param>
    /// <param name="problem">Why it can't be made.</param>
    /// <returns>Null if it can't be made.</returns>
    internal static KubeDaemonSet? From(KubeDaemonSet agents, out string problem)
    {
        problem = "";
        string name = NameOf(agents.Metadata.Name);
        if (agents.Spec?.Template?["spec"] is not JsonObject pod
            || (pod["containers"] as JsonArray)?.OfType<JsonObject>()
                .FirstOrDefault(static one => TextOf(one["name"]) == ControlContainer) is not { } control)
        {
            problem = $"the DaemonSet '{agents.Metadata.Name}' has no container '{ControlContainer}', so it is not "
                + "ours: give its name by --daemonset";
            return null;
        }

        var spec = new JsonObject { ["terminationGracePeriodSeconds"] = 5, ["automountServiceAccountToken"] = false };
        Copy(pod, spec, PodFields);
        spec["containers"] = new JsonArray(MakeContainer(control));
        return new KubeDaemonSet
        {
            ApiVersion = KubeResources.DaemonSets.ApiVersion,
            Kind = KubeResources.DaemonSets.Kind,
            Metadata = new KubeMetadata
            {
                Name = name,
                Namespace = agents.Metadata.Namespace,
                Labels = new() { ["app.kubernetes.io/part-of"] = "edgemesh", [Label] = name },
            },
            Spec = new KubeDaemonSetSpec
            {
                Selector = new JsonObject { ["matchLabels"] = new JsonObject { [Label] = name } },
                Template = new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "edgemesh", [Label] = name },
                    },
                    ["spec"] = spec,
                },
                UpdateStrategy = new JsonObject
                {
                    ["type"] = "RollingUpdate",
                    ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = "100%" },
                },
            },
        };
    }

    private static JsonObject MakeContainer(JsonObject control)
    {
        var args = new JsonArray("cleanup", "--then-wait", $"--health=127.0.0.1:{HealthPort}");
        foreach (string own in (control["args"] as JsonArray)?.Select(TextOf).OfType<string>() ?? [])
        {
            // The agents' own names for what is to be removed.
            if (own.StartsWith("--tun=", StringComparison.Ordinal)
                || own.StartsWith("--log-level=", StringComparison.Ordinal))
            {
                args.Add((JsonNode?)JsonValue.Create(own));
            }
        }

        var container = new JsonObject
        {
            ["name"] = "cleanup",
            ["command"] = new JsonArray(Program),
            ["args"] = args,
            ["terminationMessagePolicy"] = "FallbackToLogsOnError",
            ["readinessProbe"] = new JsonObject
            {
                ["httpGet"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = HealthPort, ["path"] = "/readyz" },
                ["periodSeconds"] = 1,
                ["failureThreshold"] = 3,
            },
        };
        Copy(control, container, ContainerFields);
        return container;
    }

    private static void Copy(JsonObject from, JsonObject to, string[] fields)
    {
        foreach (string field in fields)
        {
            if (from[field] is { } value)
            {
                to[field] = value.DeepClone();
            }
        }
    }

    private static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
