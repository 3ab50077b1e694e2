using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Publishing;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Kubernetes.Watching;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Controller.Watching;

// Four reflectors tell, each on its own task; the term's loop composes. What they share is under one lock, held while
// an event is taken or a mesh composed, and never while a request is under way.

/// <summary>Watches nodes, pods, publications and trust records, and feeds the composer.</summary>
internal sealed class ClusterWatch
{
    private const int UnreadableMax = 256;

    // Pods that are done have no address any more, and there may be many more of them than of the others.
    private const string PodSelector = "status.phase!=Succeeded,status.phase!=Failed";

    private readonly KubeClient _client;
    private readonly string _ns;
    private readonly StructuredLog _log;
    private readonly Action _changed;
    private readonly Dictionary<string, string> _failing = new(StringComparer.Ordinal);
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);

    /// <summary>Watches nothing yet.</summary>
    /// <param name="client">Speaks to a real API server.</param>
    /// <param name="ns">The namespace of publications and trust records.</param>
    /// <param name="composer">Gets what is seen.</param>
    /// <param name="trust">The trust records.</param>
    /// <param name="log">The log.</param>
    /// <param name="changed">Called after each change; must not block.</param>
    internal ClusterWatch(
        KubeClient client, string ns, MeshComposer composer, TrustStore trust, StructuredLog log, Action changed)
    {
        _client = client;
        _ns = ns;
        Composer = composer;
        Trust = trust;
        _log = log;
        _changed = changed;
    }

    /// <summary>Guards all that follows.</summary>
    internal Lock Gate { get; } = new();

    internal MeshComposer Composer { get; }

    internal TrustStore Trust { get; }

    /// <summary>Objects whose absence is to be proven.</summary>
    internal AbsentObjects Absent { get; } = new();

    /// <summary>Has everything been listed once? Before, nothing may be composed.</summary>
    internal bool IsComplete
    {
        get
        {
            lock (Gate)
            {
                return _listed.Count == 4;
            }
        }
    }

    /// <summary>What can't be listed or watched now, a sentence each.</summary>
    internal IReadOnlyList<string> Problems
    {
        get
        {
            lock (Gate)
            {
                return [.. _failing.Values];
            }
        }
    }

    /// <summary>Watches until told to stop.</summary>
    internal Task RunAsync(CancellationToken stop)
    {
        var nodes = new Reflector<KubeNode>(_client, KubeResources.Nodes);
        var pods = new Reflector<KubePod>(
            _client, KubeResources.Pods, new ReflectorOptions { FieldSelector = PodSelector });
        return Task.WhenAll(
            nodes.RunAsync((change, _) => Take("nodes", change, nodes.Forget, TakeNode, remove: null), stop),
            pods.RunAsync((change, _) => Take("pods", change, pods.Forget, TakePod, RemovePod), stop),
            WatchMaps("publications", ClusterNames.NodeSelector, TakePublication, RemovePublication, stop),
            WatchMaps("trust", ClusterNames.TrustSelector, TakeTrust, RemoveTrust, stop));
    }

    /// <summary>Asks the API about one object that is missing.</summary>
    /// <returns>True if its absence is proven, or it is there after all.</returns>
    internal async Task<bool> ProveAsync(AbsentObject absent, CancellationToken stop)
    {
        int slash = absent.Key.IndexOf('/', StringComparison.Ordinal);
        string? ns = slash < 0 ? null : absent.Key[..slash];
        string name = NameOf(absent.Key);
        return absent.What switch
        {
            "nodes" => await ProveAsync(absent, KubeResources.Nodes, ns, name, TakeNode, Composer.RemoveNode, stop),
            "pods" => await ProveAsync(
                absent, KubeResources.Pods, ns, name, TakePod, RemovePod, stop),
            "publications" => await ProveAsync(
                absent, KubeResources.ConfigMaps, ns, name, TakePublication, RemovePublication, stop),
            _ => await ProveAsync(absent, KubeResources.ConfigMaps, ns, name, TakeTrust, RemoveTrust, stop),
        };
    }

    /// <summary>Writes one ConfigMap of trust records, and takes it in as it is stored.</summary>
    internal async Task<KubeResponse<KubeConfigMap>> WriteTrustAsync(
        string name, IReadOnlyDictionary<string, KeyRecord> wanted, CancellationToken stop)
    {
        KubeConfigMap map;
        lock (Gate)
        {
            map = Trust.Make(name, wanted, Composer.Trust, Composer.IsKnown);
        }

        string? version = map.Metadata.ResourceVersion;
        KubeResponse<KubeConfigMap> response = await Trust.WriteAsync(map, stop);
        lock (Gate)
        {
            if (response.IsFound && Trust.IsStill(name, version))
            {
                TakeTrust(response.Value);
            }
        }

        return response;
    }

    private Task WatchMaps(
        string what, string selector, Action<KubeConfigMap> take, Action<string> remove, CancellationToken stop)
    {
        var maps = new Reflector<KubeConfigMap>(
            _client, KubeResources.ConfigMaps, new ReflectorOptions { Namespace = _ns, LabelSelector = selector });
        return maps.RunAsync((change, _) => Take(what, change, maps.Forget, take, remove), stop);
    }

    private ValueTask Take<T>(
        string what, ReflectorChange<T> change, Action<string> forget, Action<T> take, Action<string>? remove)
        where T : KubeObject
    {
        lock (Gate)
        {
            switch (change.Kind)
            {
                case ReflectorChangeKind.Present:
                    Absent.Remove(new AbsentObject(what, change.Key));
                    SetUnreadable(what, change.Key, null);
                    take(change.Object!);
                    break;
                case ReflectorChangeKind.Deleted when remove is not null:
                    Absent.Remove(new AbsentObject(what, change.Key));
                    SetUnreadable(what, change.Key, null);
                    remove(change.Key);
                    break;
                case ReflectorChangeKind.Deleted: // of a node: that is proven first
                    Absent.Add(new AbsentObject(what, change.Key));
                    break;
                case ReflectorChangeKind.Missing when Absent.Take(new AbsentObject(what, change.Key)):
                    forget(change.Key);
                    return ValueTask.CompletedTask;
                case ReflectorChangeKind.Missing:
                    Absent.Add(new AbsentObject(what, change.Key));
                    break;
                case ReflectorChangeKind.Malformed:
                    SetUnreadable(what, change.Key, change.Problem);
                    break;
                case ReflectorChangeKind.Listed when !change.IsFromCache:
                    _listed.Add(what);
                    Mend(what);
                    break;
                case ReflectorChangeKind.Failed:
                    Fail(what, change.Problem);
                    return ValueTask.CompletedTask;
                default:
                    Mend(what);
                    return ValueTask.CompletedTask;
            }
        }

        _changed();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ProveAsync<T>(
        AbsentObject absent, KubeResource<T> resource, string? ns, string name, Action<T> take, Action<string> remove,
        CancellationToken stop)
        where T : KubeObject
    {
        KubeResponse<T> response = await _client.GetAsync(resource, ns, name, stop);
        lock (Gate)
        {
            if (!Absent.IsAsked(absent))
            {
                return true; // it came back meanwhile
            }

            if (response.IsFound)
            {
                Absent.Remove(absent);
                take(response.Value);
            }
            else if (response.ProvesAbsence)
            {
                Absent.Prove(absent);
                SetUnreadable(absent.What, absent.Key, null);
                remove(absent.Key);
            }
            else
            {
                return false;
            }
        }

        _changed();
        return true;
    }

    private static string NameOf(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private void TakeNode(KubeNode node) => Composer.SetNode(node.Metadata.Name, ClusterFacts.PodCidrsOf(node));

    private void TakePod(KubePod pod) => Composer.SetPod(pod.Metadata.Key, ClusterFacts.Of(pod));

    private void TakePublication(KubeConfigMap map)
    {
        if (ClusterFacts.Of(map, out string problem) is { } publication)
        {
            Composer.Trust.Set(publication);
        }
        else
        {
            SetUnreadable("publications", map.Metadata.Key, problem);
        }
    }

    private void RemovePod(string key) => Composer.SetPod(key, null);

    private void RemovePublication(string key) => Composer.Trust.Remove(NameOf(key));

    private void TakeTrust(KubeConfigMap map)
    {
        IReadOnlyList<(string Node, string Problem)> problems = Trust.Take(map, Composer.Trust);
        string prefix = $"trust/{map.Metadata.Key}/";
        foreach (string known in _unreadable.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            SetUnreadable("", known, null);
        }

        foreach ((string node, string problem) in problems)
        {
            SetUnreadable("trust", map.Metadata.Key + "/" + node, problem);
        }
    }

    private void RemoveTrust(string key)
    {
        Trust.Lose(NameOf(key));
        _log.Warn("trust_lost", ("object", key), ("effect", "it is written again from what is known"));
    }

    // Anybody who may create ConfigMaps can make such objects: only so many are named.
    private void SetUnreadable(string what, string key, string? problem)
    {
        string whole = what.Length == 0 ? key : $"{what}/{key}";
        if (problem is null)
        {
            if (_unreadable.Remove(whole))
            {
                Composer.SetUnreadable(whole, null);
            }
        }
        else if (_unreadable.Count < UnreadableMax || _unreadable.Contains(whole))
        {
            _unreadable.Add(whole);
            string node = what == "nodes" ? key : "";
            Composer.SetUnreadable(
                whole, new ControllerFinding(FindingReason.InvalidPublication, node, whole, problem));
        }
    }

    private void Fail(string what, string problem)
    {
        if (_failing.GetValueOrDefault(what) != problem)
        {
            _log.Warn("api_unreachable", ("what", what), ("problem", problem));
            _failing[what] = problem;
        }
    }

    private void Mend(string what)
    {
        if (_failing.Remove(what))
        {
            _log.Info("api_reachable", ("what", what));
        }
    }
}
