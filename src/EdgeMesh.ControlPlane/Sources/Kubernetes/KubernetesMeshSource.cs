using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Kubernetes.Watching;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

// Three tasks: the reflector follows index and deltas; the fetcher asks by name for what the reader still wants
// (shards of large documents, deltas that a dead watch lost); through metaServer the index is read each minute,
// because a watch opened while the cloud was away says nothing.

/// <summary>Gives the desired state from the cluster's ConfigMaps, through an API.</summary>
/// <remarks>Nothing is ever taken away because an API doesn't have it; deletions are not even looked at.</remarks>
internal sealed class KubernetesMeshSource : MeshSource
{
    private static readonly TimeSpan FetchRetryMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FetchRetryMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(60);

    private readonly SharedValue<ClusterAccess> _access;
    private readonly ShardIntake _intake;
    private readonly ProblemBoard _board;
    private readonly StructuredLog _log;
    private readonly ProblemLog _problems;
    private readonly Channel<bool> _mayFetch = Channel.CreateBounded<bool>(1);

    internal KubernetesMeshSource(
        SharedValue<ClusterAccess> access, ShardIntake intake, ProblemBoard board, StructuredLog log)
    {
        _access = access;
        _intake = intake;
        _board = board;
        _log = log;
        _problems = new ProblemLog(log, "kubernetes_problem");
    }

    /// <inheritdoc/>
    internal override async Task RunAsync(CancellationToken stop)
    {
        ClusterAccess access = await _access.WaitAsync(stop);

        var reflector = new Reflector<KubeConfigMap>(
            access.Client,
            KubeResources.ConfigMaps,
            new ReflectorOptions
            {
                Namespace = access.Namespace,
                LabelSelector = ClusterNames.FeedSelector,
                ConfirmsDeletions = false, // nobody here acts upon one
            });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] tasks =
        [
            reflector.RunAsync((change, _) => Follow(change, access.Client.Access.IsMetaServer), end.Token),
            FetchAsync(access, end.Token),
            access.Client.Access.IsMetaServer ? BeatAsync(access, end.Token) : Task.Delay(Timeout.Infinite, end.Token),
        ];
        await await Task.WhenAny(tasks); // each goes on for ever but for a fault
        await end.CancelAsync();
    }

    private ValueTask Follow(ReflectorChange<KubeConfigMap> change, bool isMetaServer)
    {
        switch (change.Kind)
        {
            case ReflectorChangeKind.Present:
                _intake.Take([ClusterAccess.Read(change.Object!)]);
                break;
            case ReflectorChangeKind.Listed:
                Tell([]);
                _intake.Settle(isComplete: !change.IsFromCache && !isMetaServer);
                break;
            case ReflectorChangeKind.Watching:
                Tell([]);
                if (!isMetaServer)
                {
                    _intake.Hear();
                }

                break;
            case ReflectorChangeKind.Malformed or ReflectorChangeKind.Failed:
                Tell([change.Problem]);
                break;
            case ReflectorChangeKind.Deleted or ReflectorChangeKind.Missing:
                _log.Debug("mesh_object_gone", ("object", change.Key), ("kind", change.Kind),
                    ("effect", "none: only a newer generation changes anything"));
                break;
            default:
                break;
        }

        Wake();
        return ValueTask.CompletedTask;
    }

    private async Task FetchAsync(ClusterAccess access, CancellationToken stop)
    {
        while (true)
        {
            await _mayFetch.Reader.ReadAsync(stop);
            TimeSpan wait = FetchRetryMin;
            for (bool isFirst = true; _intake.Wanted() is { Count: > 0 } wanted; isFirst = false)
            {
                // What can't be had may belong to an index that was replaced meanwhile.
                bool isAll = await FetchAsync(access, isFirst ? wanted : [ClusterNames.Index, .. wanted], stop);
                if (isAll && isFirst)
                {
                    continue; // a delta may have led to the next gap, or shards to deltas
                }

                await Task.Delay(wait * (0.5 + Random.Shared.NextDouble()), access.Time, stop);
                wait = wait * 2 < FetchRetryMax ? wait * 2 : FetchRetryMax;
            }
        }
    }

    private async Task<bool> FetchAsync(ClusterAccess access, IEnumerable<string> names, CancellationToken stop)
    {
        bool isAll = true;
        foreach (string name in names)
        {
            KubeResponse<KubeConfigMap> response = await access.Client.GetAsync(
                KubeResources.ConfigMaps, access.Namespace, name, stop);
            if (response.IsFound)
            {
                _intake.Take([ClusterAccess.Read(response.Value)]);
            }
            else
            {
                // Before the controller has written anything, 404 is no fault; and at metaServer it says nothing.
                isAll = false;
                _log.Debug("mesh_object_not_had", ("object", name), ("result", response.Result),
                    ("problem", response.Problem));
            }
        }

        return isAll;
    }

    private async Task BeatAsync(ClusterAccess access, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(HeartbeatInterval, access.Time, stop);
            await FetchAsync(access, [ClusterNames.Index], stop);
            Wake();
        }
    }

    private void Wake()
    {
        if (_intake.Wanted().Count > 0)
        {
            _mayFetch.Writer.TryWrite(true); // one sign is enough
        }
    }

    private void Tell(IReadOnlyCollection<string> problems)
    {
        _problems.Report(problems);
        _board.Set(ProblemBoard.Access, problems);
    }
}
