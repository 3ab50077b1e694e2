using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.ControlPlane.Controller.Figures;
using EdgeMesh.ControlPlane.Controller.Settings;
using EdgeMesh.ControlPlane.Health;
using EdgeMesh.ControlPlane.Sources.Files;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Election;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;
using EdgeMesh.Metrics;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>The controller: <c>edgemesh-control controller</c>. One of its replicas leads.</summary>
internal static class ControllerProcess
{
    /// <summary>Name of the Lease.</summary>
    internal const string LeaseName = "edgemesh-controller";

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    /// <summary>Runs until told to stop.</summary>
    /// <param name="options">The options.</param>
    /// <param name="log">The log.</param>
    /// <param name="stop">Ends it; the Lease is given back.</param>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(ControllerOptions options, StructuredLog log, CancellationToken stop)
    {
        if (!TryFindAccess(options.Kubeconfig, out KubeAccess? access, out string problem))
        {
            log.Error("control_failed", ("problem", problem));
            return ExitCodes.Failure;
        }

        using var client = new KubeClient(access!);
        return await RunAsync(options, client, log, stop);
    }

    /// <summary>As the other, with a way to the API.</summary>
    internal static async Task<int> RunAsync(
        ControllerOptions options, KubeClient client, StructuredLog log, CancellationToken stop,
        LeaderElectionOptions? times = null)
    {
        var changed = new ChangeSignal();
        var settings = new CurrentSettings(options.SettingsPath, changed, log);
        var heartbeats = new Heartbeats();
        Heartbeat ofSettings = heartbeats.Add("settings");
        Heartbeat ofTerm = heartbeats.Add("term");
        ofTerm.Rest();
        var figures = new ControllerFigures();
        // A pod that is started again is another candidate: the one before may hold the Lease still.
        var election = new LeaderElection(
            client, options.Namespace, LeaseName, $"{options.Identity}_{Guid.NewGuid():N}", times);
        using MetricsServer? server = options.Health is { } endPoint
            ? new MetricsServer(
                endPoint,
                new MetricsPages(
                    new ControllerMetrics(figures, election).Write,
                    heartbeats.Fault,
                    () => settings.Value is null ? $"no good settings in {options.SettingsPath} yet" : null),
                new ScrapeLog(figures.Scrapes, log), "--health")
            : null;
        log.Info("controller_started", ("identity", options.Identity), ("namespace", options.Namespace),
            ("settings", options.SettingsPath), ("api", client.Access), ("health", server?.LocalEndPoint),
            ("pid", Environment.ProcessId));
        bool isFirst = true;
        async Task LeadAsync(CancellationToken lost)
        {
            log.Info("controller_leads", ("identity", options.Identity));
            if (await WaitForClusterAsync(client, settings, ofTerm, log, lost) is { } cluster)
            {
                var term = new ControllerTerm(
                    client, options.Namespace, cluster, settings, () => election.IsLeading, options.Identity, figures,
                    ofTerm, log);
                await term.RunAsync(isFirst, lost);
            }

            isFirst = false;
            log.Info("controller_leads_no_more", ("identity", options.Identity));
        }

        var file = new FollowedFile(
            options.SettingsPath, "--settings", "settings", SettingsLimits.FileBytesMax, log);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] tasks =
        [
            Task.Run(() => file.RunAsync(settings.Take, ofSettings.Mark, end.Token), CancellationToken.None),
            Task.Run(() => election.RunAsync(LeadAsync, end.Token), CancellationToken.None),
            Task.Run(() => MemoryReturn.OfController().RunAsync(end.Token), CancellationToken.None),
        ];
        await Task.WhenAny(tasks);
        await end.CancelAsync();
        await Task.WhenAll(tasks).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        foreach (Task failed in tasks.Where(static task => task.IsFaulted))
        {
            log.Error("controller_failed", ("error", failed.Exception!.GetBaseException()));
        }

        log.Info("controller_ended", ("asked", stop.IsCancellationRequested));
        return stop.IsCancellationRequested && !tasks.Any(static task => task.IsFaulted)
            ? ExitCodes.Success : ExitCodes.Failure;
    }

    /// <summary>The way to a real API server: metaServer knows too little for a controller.</summary>
    internal static bool TryFindAccess(string? kubeconfig, out KubeAccess? access, out string problem)
    {
        access = null;
        try
        {
            if (kubeconfig is null)
            {
                return KubeAccess.TryInCluster(out access, out problem);
            }

            access = KubeAccess.FromKubeconfig(kubeconfig);
            problem = "";
            return true;
        }
        catch (KubeAccessException e)
        {
            problem = e.Message;
            return false;
        }
    }

    // Documents name the cluster they are of, so that a node that is moved to another one does not mix them.
    private static async Task<string?> WaitForClusterAsync(
        KubeClient client, CurrentSettings settings, Heartbeat heartbeat, StructuredLog log, CancellationToken stop)
    {
        string lastProblem = "";
        try
        {
            while (true)
            {
                heartbeat.Mark();
                if (settings.Value is { } value)
                {
                    if (value.ClusterId.Length > 0)
                    {
                        return value.ClusterId;
                    }

                    KubeResponse<KubeNamespace> response = await client.GetAsync(
                        KubeResources.Namespaces, null, "kube-system", stop);
                    if (response.IsFound && ClusterNames.IsClusterId(response.Value.Metadata.Uid))
                    {
                        return response.Value.Metadata.Uid;
                    }

                    if (response.Problem != lastProblem)
                    {
                        log.Warn("cluster_unknown", ("problem", response.Problem),
                            ("remedy", "allow 'get' of the namespace kube-system, or set clusterId"));
                        lastProblem = response.Problem;
                    }
                }

                await Task.Delay(RetryInterval, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            heartbeat.Rest();
            return null;
        }
    }
}
