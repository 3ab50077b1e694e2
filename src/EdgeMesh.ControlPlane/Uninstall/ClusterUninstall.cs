using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.ControlPlane.Controller;
using EdgeMesh.ControlPlane.Controller.Publishing;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Uninstall;

// In order: tell the controller to write no more; remove the agents; clean each node by a short-lived DaemonSet; remove
// that; remove what the mesh has written into the cluster. Each step may be repeated: a Job that failed in the middle
// is started again from the beginning.

/// <summary>Removes EdgeMesh from every node of a cluster, before its release is deleted.</summary>
/// <param name="client">Speaks to the API.</param>
/// <param name="options">The options.</param>
/// <param name="log">Gets what was done, and the names of nodes that did not answer.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterUninstall(
    KubeClient client, UninstallOptions options, StructuredLog log, TimeProvider time)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // A controller looks at the index each 5 s at least; before it has seen the mark, it would write again what is
    // removed.
    private static readonly TimeSpan NoticeTime = TimeSpan.FromSeconds(8);

    // Of the whole time: for agents to end, so that they don't put back what is being removed.
    private const double AgentsShare = 1.0 / 3;

    private readonly long _began = time.GetTimestamp();
    private string _lastProblem = "";

    /// <summary>Does it all.</summary>
    /// <param name="stop">Stops it.</param>
    /// <returns>
    /// False if the API refuses a step. Nodes that did not answer are named, and are no failure: an edge node that is
    /// off for a month must not keep the release from being deleted.
    /// </returns>
    internal async Task<bool> RunAsync(CancellationToken stop)
    {
        await MarkIndexAsync(stop);
        string cleanup = CleanupDaemonSet.NameOf(options.DaemonSet);
        KubeResponse<KubeDaemonSet> agents = await AskAsync(
            () => client.GetAsync(KubeResources.DaemonSets, options.Namespace, options.DaemonSet, stop), stop);
        if (agents.IsFound)
        {
            if (!await StartCleanupAsync(agents.Value, stop))
            {
                return false;
            }
        }
        else if (agents.ProvesAbsence)
        {
            log.Info("uninstall_agents", ("daemonset", options.DaemonSet), ("state", "gone already"));
        }
        else
        {
            return Fail("the agents' DaemonSet can't be read", agents.Problem);
        }

        IReadOnlyList<string> silent = await WaitForCleanupAsync(cleanup, stop);
        KubeResponse<KubeDaemonSet> removed = await AskAsync(
            () => client.DeleteAsync(KubeResources.DaemonSets, options.Namespace, cleanup, null, stop), stop);
        log.Info("uninstall_cleanup_removed", ("daemonset", cleanup), ("result", removed.Result));
        TimeSpan unnoticed = NoticeTime - time.GetElapsedTime(_began);
        await Task.Delay(unnoticed > TimeSpan.Zero ? unnoticed : TimeSpan.Zero, time, stop);
        await RemoveObjectsAsync(stop);
        foreach (string node in silent)
        {
            log.Warn("uninstall_node_silent", ("node", node),
                ("remedy", "run 'edgemesh-control cleanup' there, or reboot it, once it is back"));
        }

        log.Info("uninstall_done", ("silent_nodes", silent.Count));
        return true;
    }

    private TimeSpan Left => options.TimeMax - time.GetElapsedTime(_began);

    // Best effort: a controller that does not see it writes a little more, and that is removed with the namespace.
    private async Task MarkIndexAsync(CancellationToken stop)
    {
        KubeResponse<KubeConfigMap> seen = await client.GetAsync(
            KubeResources.ConfigMaps, options.Namespace, ClusterNames.Index, stop);
        if (seen.IsFound && MeshStore.IndexOf(ClusterObjects.Of(seen.Value)) is { IsUninstalling: false } index)
        {
            KubeResponse<KubeConfigMap> marked = await client.ReplaceAsync(
                KubeResources.ConfigMaps,
                ClusterObjects.ToMap(
                    (index with { IsUninstalling = true }).ToObject(), options.Namespace,
                    seen.Value.Metadata.ResourceVersion),
                stop);
            log.Info("uninstall_marked", ("object", ClusterNames.Index), ("result", marked.Result));
        }
    }

    private async Task<bool> StartCleanupAsync(KubeDaemonSet agents, CancellationToken stop)
    {
        if (CleanupDaemonSet.From(agents, out string problem) is not { } cleanup)
        {
            return Fail("there is no cleaning up without the agents' image", problem);
        }

        // Foreground: the object stays until its pods are gone. Those of nodes that are away never go.
        KubeResponse<KubeDaemonSet> deleted = await AskAsync(
            () => client.DeleteAsync(
                KubeResources.DaemonSets, options.Namespace, options.DaemonSet,
                new KubeDeletion(Uid: agents.Metadata.Uid, WaitsForDependents: true), stop),
            stop);
        if (deleted.Result is not (KubeResult.Found or KubeResult.NotFound))
        {
            return Fail("the agents' DaemonSet can't be deleted", deleted.Problem);
        }

        TimeSpan patience = Left * AgentsShare;
        long began = time.GetTimestamp();
        bool isGone = false;
        while (!isGone && time.GetElapsedTime(began) < patience)
        {
            await Task.Delay(LookInterval, time, stop);
            isGone = (await client.GetAsync(KubeResources.DaemonSets, options.Namespace, options.DaemonSet, stop))
                .ProvesAbsence;
        }

        log.Info("uninstall_agents", ("daemonset", options.DaemonSet), ("state", isGone ? "gone" : "some pods stay"));
        KubeResponse<KubeDaemonSet> created = await AskAsync(
            () => client.CreateAsync(KubeResources.DaemonSets, cleanup, stop), stop);
        return created.Result is KubeResult.Found or KubeResult.Conflict // there from an earlier attempt
            || Fail("the DaemonSet that cleans up can't be made", created.Problem);
    }

    private async Task<IReadOnlyList<string>> WaitForCleanupAsync(string name, CancellationToken stop)
    {
        while (true)
        {
            KubeResponse<KubeDaemonSet> seen = await client.GetAsync(
                KubeResources.DaemonSets, options.Namespace, name, stop);
            if (seen.ProvesAbsence)
            {
                log.Warn("uninstall_nodes_not_cleaned",
                    ("problem", $"neither the agents' DaemonSet '{options.DaemonSet}' nor '{name}' is there"),
                    ("remedy", "where agents have run, run 'edgemesh-control cleanup', or reboot"));
                return [];
            }

            KubeDaemonSetStatus? status = seen.Value?.Status;
            bool isObserved = status is not null && status.ObservedGeneration >= seen.Value!.Metadata.Generation;
            if (isObserved && status!.NumberReady >= status.DesiredNumberScheduled)
            {
                log.Info("uninstall_nodes_clean", ("nodes", status.NumberReady));
                return [];
            }

            if (Left <= TimeSpan.Zero)
            {
                return await SilentNodesAsync(name, stop);
            }

            await Task.Delay(LookInterval, time, stop);
        }
    }

    private async Task<IReadOnlyList<string>> SilentNodesAsync(string name, CancellationToken stop)
    {
        KubePage<KubePod> pods = await client.ListAllAsync(
            KubeResources.Pods, options.Namespace,
            new KubePageOptions { LabelSelector = $"{CleanupDaemonSet.Label}={name}" }, stop);
        if (!pods.IsFound)
        {
            log.Warn("uninstall_nodes_unknown", ("problem", pods.Problem));
            return ["(not known which)"];
        }

        return
        [
            .. pods.Items.Where(static pod => pod.Status?.Conditions?.Exists(
                    static condition => condition is { Type: "Ready", Status: "True" }) != true)
                .Select(static pod => pod.Spec?.NodeName ?? "(not scheduled)")
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    // What was written into the cluster while the mesh ran. The index last: while its mark is there, the controller
    // rests.
    private async Task RemoveObjectsAsync(CancellationToken stop)
    {
        KubePage<KubeConfigMap> maps = await client.ListAllAsync(
            KubeResources.ConfigMaps, options.Namespace,
            new KubePageOptions
            {
                LabelSelector = ClusterNames.KindLabel, // whatever its value
                Limit = 20,
            },
            stop);
        foreach (string name in maps.Items.Select(static map => map.Metadata.Name)
            .OrderBy(static name => name == ClusterNames.Index))
        {
            KubeResponse<KubeConfigMap> gone = await client.DeleteAsync(
                KubeResources.ConfigMaps, options.Namespace, name, null, stop);
            if (gone.Result is not (KubeResult.Found or KubeResult.NotFound))
            {
                log.Warn("uninstall_object_stays", ("object", name), ("problem", gone.Problem));
            }
        }

        KubeResponse<KubeLease> lease = await client.DeleteAsync(
            KubeResources.Leases, options.Namespace, ControllerProcess.LeaseName, null, stop);
        log.Info("uninstall_objects",
            ("removed", maps.Items.Count), ("lease", lease.Result), ("problem", maps.Problem));
    }

    // An API that is slow or away for a moment is no reason to give up.
    private async Task<KubeResponse<T>> AskAsync<T>(Func<Task<KubeResponse<T>>> ask, CancellationToken stop)
        where T : KubeObject
    {
        while (true)
        {
            KubeResponse<T> response = await ask();
            if (response.Result is not (KubeResult.Unavailable or KubeResult.Malformed) || Left <= TimeSpan.Zero)
            {
                return response;
            }

            if (response.Problem != _lastProblem)
            {
                log.Warn("uninstall_waits", ("problem", response.Problem));
                _lastProblem = response.Problem;
            }

            await Task.Delay(LookInterval, time, stop);
        }
    }

    private bool Fail(string what, string problem)
    {
        log.Error("uninstall_failed", ("problem", $"{what}: {problem}"));
        return false;
    }
}
