using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Perf.Scale.Api;

namespace EdgeMesh.Perf.Scale;

/// <summary>Everything that the stand-in's API shows, and what moves in it. All state is guarded by one lock.</summary>
internal sealed class SimulatedCluster
{
    // How long a pod takes from its scheduling to its address, and from its last second to its deletion.
    private static readonly TimeSpan ChangeTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StatusInterval = TimeSpan.FromMinutes(5); // kubelet's nodeStatusReportFrequency

    // An agent whose generation has changed says so that often.
    private static readonly TimeSpan PublicationInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<string, ApiCollection> _collections;
    private readonly ScalePlan _plan;
    private readonly PodCollection _pods;
    private readonly NodeCollection _nodes;
    private readonly StoredCollection _configMaps;
    private readonly ulong[] _published; // the generation that each node has said
    private double _changesPerMinute;

    /// <summary>Fills the cluster; each node but the real one has published itself.</summary>
    public SimulatedCluster(ScalePlan plan)
    {
        _plan = plan;
        _pods = new PodCollection(plan, Versions);
        _nodes = new NodeCollection(plan, Versions);
        _configMaps = new StoredCollection("ConfigMap", "v1", Versions);
        _published = new ulong[plan.Nodes];
        var namespaces = new StoredCollection("Namespace", "v1", Versions);
        _collections = new Dictionary<string, ApiCollection>(StringComparer.Ordinal)
        {
            ["pods"] = _pods,
            ["nodes"] = _nodes,
            ["configmaps"] = _configMaps,
            ["namespaces"] = namespaces,
            ["events"] = new StoredCollection("Event", "v1", Versions),
            ["events.k8s.io/events"] = new StoredCollection("Event", "events.k8s.io/v1", Versions),
            ["coordination.k8s.io/leases"] = new StoredCollection("Lease", "coordination.k8s.io/v1", Versions),
            ["apps/daemonsets"] = new StoredCollection("DaemonSet", "apps/v1", Versions),
        };
        Create(namespaces, "namespaces", "", $$"""
            { "metadata": { "name": "kube-system", "uid": "{{ScalePlan.ClusterUid}}" } }
            """);
        Create(namespaces, "namespaces", "", $$"""{ "metadata": { "name": "{{ScalePlan.Namespace}}" } }""");
        for (int node = 0; node < plan.Nodes; node++)
        {
            if (node != plan.RealNode)
            {
                Create(_configMaps, "configmaps", ScalePlan.Namespace, NodePublications.ConfigMap(node, 0));
            }
        }
    }

    /// <summary>Guards everything here but <see cref="EventLog"/>s.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Counts resourceVersions.</summary>
    public VersionCounter Versions { get; } = new();

    /// <summary>Pods that go per minute, and as many come; 0: nothing moves but nodes' status.</summary>
    public double ChangesPerMinute
    {
        get => Volatile.Read(ref _changesPerMinute);
        set => Volatile.Write(ref _changesPerMinute, value);
    }

    /// <summary>The collection of a path; null: there is none.</summary>
    public ApiCollection? Find(string collection) => _collections.GetValueOrDefault(collection);

    /// <summary>The pods that came, from a number on: lines of node, address and time.</summary>
    public byte[] Creations(int from)
    {
        var text = new StringBuilder();
        lock (Gate)
        {
            for (int i = from; i < _pods.Creations.Count; i++)
            {
                PodCreation creation = _pods.Creations[i];
                text.Append(
                    CultureInfo.InvariantCulture, $"{creation.Node} {creation.Address} {creation.Timestamp}\n");
            }
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Moves what moves, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        var underWay = new Queue<(TimeSpan Due, (int, int) Slots)>();
        double changes = 0;
        double touches = 0;
        double publications = 0;
        int publisher = 0;
        TimeSpan last = clock.Elapsed;
        using var timer = new PeriodicTimer(StepTime);
        while (await timer.WaitForNextTickAsync(stop))
        {
            TimeSpan now = clock.Elapsed;
            changes += (now - last).TotalMinutes * ChangesPerMinute;
            touches += (now - last) / StatusInterval * _plan.Nodes;
            publications += (now - last) / PublicationInterval * _plan.Nodes;
            last = now;
            lock (Gate)
            {
                while (underWay.TryPeek(out (TimeSpan Due, (int, int) Slots) next) && next.Due <= now)
                {
                    _pods.Finish(underWay.Dequeue().Slots);
                }

                for (; changes >= 1; changes--)
                {
                    underWay.Enqueue((now + ChangeTime, _pods.Begin()));
                }

                for (; touches >= 1; touches--)
                {
                    _nodes.Touch();
                }

                for (; publications >= 1; publications--)
                {
                    Publish(publisher++ % _plan.Nodes);
                }
            }
        }
    }

    private void Publish(int node)
    {
        ulong generation = NodePublications.GenerationOf(
            _configMaps.Get(ScalePlan.Namespace, ClusterNames.Index));
        if (node != _plan.RealNode && generation != _published[node])
        {
            _published[node] = generation;
            Create(_configMaps, "configmaps", ScalePlan.Namespace, NodePublications.ConfigMap(node, generation));
        }
    }

    private static void Create(StoredCollection collection, string plural, string ns, string json)
    {
        (int status, byte[] body) = collection.Write(
            "POST", new ApiPath("", ns, plural, "", ""), Encoding.UTF8.GetBytes(json));
        Debug.Assert(status == 201, Encoding.UTF8.GetString(body));
    }
}
