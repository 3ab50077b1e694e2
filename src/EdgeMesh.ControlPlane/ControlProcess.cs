using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Health;
using EdgeMesh.ControlPlane.Kernel;
using EdgeMesh.ControlPlane.Sources;
using EdgeMesh.ControlPlane.Sources.Files;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using EdgeMesh.Logging;
using EdgeMesh.Metrics;

namespace EdgeMesh.ControlPlane;

// Tasks around one DesiredMesh: the source writes it, the publisher and the kernel's reconciler read it. With a
// cluster, one more looks for the way to it and one publishes this node there. None waits for another.

/// <summary>The control process: <c>edgemesh-control run</c>.</summary>
internal static class ControlProcess
{
    /// <summary>Runs until told to stop. Kernel state stays as it is then: packets go on.</summary>
    /// <param name="options">The options.</param>
    /// <param name="log">The log.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(RunOptions options, StructuredLog log, CancellationToken stop)
    {
        if (options.StateDirectory is string directory && !TryMake(directory, log))
        {
            return ExitCodes.Failure;
        }

        log.Info("control_started", ("node", options.Node), ("mesh", options.MeshPath ?? "of the cluster"),
            ("socket", options.SocketPath), ("state", options.StateDirectory), ("tun", options.Tun),
            ("pid", Environment.ProcessId));
        await using var desired = new DesiredMesh(options.StateDirectory, log);
        var facts = new SharedValue<DataplaneFacts>();
        var source = new SharedValue<SourceState>();
        var board = new ProblemBoard();
        var figures = new ControlFigures();
        var heartbeats = new Heartbeats();
        var publisher = new SnapshotPublisher(
            options.SocketPath, desired, log, facts, source, board,
            isTaken => Count(figures, isTaken), heartbeats.Add("dataplane").Mark);
        var kernel = new KernelReconciler(
            options.Node, options.Tun, new Sysctl(options.SysctlRoot), desired, board, log,
            figures.CountKernelPass, heartbeats.Add("kernel").Mark);

        // One failing task ends the process: whoever started it starts it again, and nothing depends on it meanwhile.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Func<CancellationToken, Task>[] parts =
        [
            publisher.RunAsync,
            kernel.RunAsync,
            MemoryReturn.OfNode().RunAsync,
            .. options.Kubernetes is { } cluster
                ? ClusterParts(options, cluster, desired, facts, source, board, log)
                : [
                    new MeshFileSource(
                        options.MeshPath!, new MeshIntake(options.Node, desired, log), log,
                        heartbeats.Add("mesh_file").Mark).RunAsync,
                ],
        ];
        using MetricsServer? server = options.Health is { } endPoint
            ? new MetricsServer(
                endPoint, new ControlHealth(heartbeats, figures, desired, source, board).Pages,
                new ScrapeLog(figures.Scrapes, log), "--health")
            : null;
        Task[] tasks = [.. parts.Select(part => Task.Run(() => part(end.Token), CancellationToken.None))];
        await Task.WhenAny(tasks);
        bool isAsked = stop.IsCancellationRequested;
        await end.CancelAsync();
        await Task.WhenAll(tasks).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default);
        foreach (Exception failure in tasks.Where(task => task.IsFaulted)
            .Select(task => task.Exception!.GetBaseException()))
        {
            log.Error("control_failed", ("error", failure));
        }

        log.Info("control_ended", ("asked", isAsked), ("kernel_state", "stays; 'edgemesh-control cleanup' removes it"));
        return isAsked ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static void Count(ControlFigures figures, bool isTaken)
    {
        if (isTaken)
        {
            figures.CountApplied();
        }
        else
        {
            figures.CountRefused();
        }
    }

    // The node's own publication goes to the API even where the shards are mounted: somebody has to say who is here.
    private static Func<CancellationToken, Task>[] ClusterParts(
        RunOptions options,
        KubernetesOptions cluster,
        DesiredMesh desired,
        SharedValue<DataplaneFacts> facts,
        SharedValue<SourceState> source,
        ProblemBoard board,
        StructuredLog log)
    {
        var access = new SharedValue<ClusterAccess>();
        var intake = new ShardIntake(options.Node, desired, facts, source, board, log);
        MeshSource shards = cluster.ShardsDirectory is string directory
            ? new ShardDirectorySource(directory, intake, board, log)
            : new KubernetesMeshSource(access, intake, board, log);
        var publisher = new NodePublisher(
            options.Node, options.Tun, cluster, access, facts, desired, intake, board, log);
        async Task Find(CancellationToken stop)
        {
            access.Set(await ClusterAccess.FindAsync(cluster, board, log, stop));
            await Task.Delay(Timeout.Infinite, stop);
        }

        return [shards.RunAsync, publisher.RunAsync, Find];
    }

    private static bool TryMake(string directory, StructuredLog log)
    {
        try
        {
            Directory.CreateDirectory(
                directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Error("control_failed", ("problem", $"the state directory {directory} can't be made: {e.Message} "
                + "Give another --state, or none"));
            return false;
        }
    }
}
