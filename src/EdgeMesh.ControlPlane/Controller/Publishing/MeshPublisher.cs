using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Figures;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Controller.Publishing;

/// <summary>Brings the composed mesh into the cluster. One caller at a time.</summary>
/// <remarks>
/// All it knows it has read there: after a write that failed, it reads again and plans anew. So it goes on after a
/// controller that was killed between two writes, and beside one that does not know yet that it does not lead.
/// </remarks>
/// <param name="cluster">The cluster's id.</param>
/// <param name="store">The objects in the cluster.</param>
/// <param name="mayWrite">Asked before each write: does this process lead?</param>
/// <param name="figures">Counts writes.</param>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
internal sealed class MeshPublisher(
    string cluster, MeshStore store, Func<bool> mayWrite, ControllerFigures figures, StructuredLog log,
    TimeProvider time)
{
    private ShardWriter? _writer; // null: what is in the cluster must be read first
    private MeshIndex? _index;    // as last read
    private string _lastProblem = "";

    /// <summary>The document in the cluster, as last read or written; null: none.</summary>
    internal MeshDocument? Document => _writer?.Document;

    /// <summary>Is EdgeMesh being removed from the cluster, as last read?</summary>
    internal bool IsUninstalling { get; private set; }

    /// <summary>Reads what is in the cluster.</summary>
    /// <param name="pulse">Called before each request.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>False if it can't be read.</returns>
    internal async Task<bool> ResumeAsync(Action pulse, CancellationToken stop)
    {
        (IReadOnlyList<ClusterObject>? objects, string problem) = await store.LoadAsync(pulse, stop);
        if (objects is null)
        {
            Complain("mesh_not_read", problem);
            return false;
        }

        _writer = ShardWriter.Resume(cluster, objects);
        foreach (string broken in _writer.Problems)
        {
            log.Warn("mesh_broken_in_cluster", ("problem", broken), ("effect", "the next write mends it"));
        }

        _index = objects.Where(static one => one.Name == ClusterNames.Index).Select(MeshStore.IndexOf).FirstOrDefault();
        IsUninstalling = _index is { IsUninstalling: true };
        log.Info("mesh_resumed", ("cluster", cluster), ("generation", _writer.Document?.Generation ?? 0),
            ("nodes", _writer.Document?.Nodes.Count ?? 0));
        return true;
    }

    /// <summary>Takes the mark off the index that an earlier removal has left.</summary>
    /// <param name="pulse">Called before each request.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>False if it has to be tried again.</returns>
    internal async Task<bool> UnmarkAsync(Action pulse, CancellationToken stop)
    {
        bool isDone = _index is not null && await WriteAsync((_index with { IsUninstalling = false }).ToObject(), stop);
        return isDone && await ResumeAsync(pulse, stop);
    }

    /// <summary>Looks whether EdgeMesh is being removed now.</summary>
    internal async Task LookForRemovalAsync(CancellationToken stop)
    {
        if (await store.LoadIndexAsync(stop) is { IsUninstalling: true })
        {
            IsUninstalling = true;
        }
    }

    /// <summary>Writes the mesh, if it differs from what is there or it is time to.</summary>
    /// <param name="content">The mesh; not changed afterwards.</param>
    /// <param name="floor">Greatest generation that a node has in force.</param>
    /// <param name="pulse">Called before each request.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>False if it has to be tried again.</returns>
    internal async Task<bool> PublishAsync(
        MeshDocument content, ulong floor, Action pulse, CancellationToken stop)
    {
        pulse();
        if (_writer is null && !await ResumeAsync(pulse, stop))
        {
            return false;
        }

        ulong before = _writer!.Document?.Generation ?? 0;
        TimeSpan uptime = time.GetElapsedTime(0);
        if (_writer.Plan(content, floor, time.GetUtcNow(), uptime) is not { } plan)
        {
            return true;
        }

        foreach (ClusterObject write in plan.Writes)
        {
            pulse();
            if (!await WriteAsync(write, stop))
            {
                _writer = null;
                return false;
            }
        }

        _writer.Confirm(plan, time.GetElapsedTime(0));
        if (plan.Document.Generation != before)
        {
            log.Info("mesh_published", ("generation", plan.Document.Generation), ("nodes", plan.Document.Nodes.Count),
                ("objects", plan.Writes.Count), ("whole", plan.Index is not null));
        }

        return true;
    }

    private async Task<bool> WriteAsync(ClusterObject write, CancellationToken stop)
    {
        if (!mayWrite())
        {
            return false;
        }

        KubeResponse<KubeConfigMap> response = await store.WriteAsync(write, stop);
        if (response.IsFound)
        {
            figures.CountWrite();
            _lastProblem = "";
            return true;
        }

        figures.CountWriteFailure(response.Result == KubeResult.Conflict);
        Complain("mesh_not_written", $"{write.Name}: {response.Problem}");
        return false;
    }

    private void Complain(string name, string problem)
    {
        if (problem != _lastProblem)
        {
            log.Warn(name, ("problem", problem), ("effect", "nodes keep what they have; it is tried again"));
            _lastProblem = problem;
        }
    }
}
