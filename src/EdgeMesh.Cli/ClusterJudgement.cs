using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Cli;

/// <summary>What is wrong with a cluster's mesh. A function of what was read: no request, no clock.</summary>
internal sealed class ClusterJudgement
{
    /// <summary>
    /// How long a node may be behind before it is a finding, by what others published: agents say a new generation
    /// each ten minutes.
    /// </summary>
    public static readonly TimeSpan LagMax = TimeSpan.FromMinutes(20);

    /// <summary>How old the index may be: a controller writes it anew each five minutes, if only to say so.</summary>
    public static readonly TimeSpan IndexAgeMax = TimeSpan.FromMinutes(15);

    private const string AgentLabel = "kubeedge";
    private const string AgentName = "edgemesh-agent";

    // The Lease's own time, twice: clocks of two machines differ.
    private const int LeasePatience = 2;
    private const int LeaseSecondsDefault = 15;

    private readonly ClusterReading _reading;
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, MeshNode> _inMesh;
    private readonly ILookup<string, KubePod> _agents;
    private readonly Dictionary<string, int> _podsOf;
    private readonly HashSet<string> _nodesWithPodsInside; // with a pod in an entry

    private ClusterJudgement(ClusterReading reading)
    {
        _reading = reading;
        _inMesh = (reading.Document?.Nodes ?? []).ToDictionary(node => node.Name, StringComparer.Ordinal);
        _agents = reading.Pods
            .Where(pod => pod.Metadata.Namespace == reading.Namespace
                && pod.Metadata.LabelOf(AgentLabel) == AgentName)
            .ToLookup(pod => pod.Spec?.NodeName ?? "", StringComparer.Ordinal);
        PodSighting[] pods = [.. PodSighting.Of(reading.Pods)];
        _podsOf = pods.DistinctBy(pod => pod.Pod)
            .GroupBy(pod => pod.Node, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var entries = new AddressSet(Entries());
        _nodesWithPodsInside = new HashSet<string>(
            pods.Where(pod => entries.Covers(pod.Address)).Select(pod => pod.Node), StringComparer.Ordinal);
    }

    /// <summary>Judges.</summary>
    public static DoctorReport Of(ClusterReading reading)
    {
        var judgement = new ClusterJudgement(reading);
        judgement.JudgeMesh();
        judgement.JudgeController();
        NodeRow[] rows =
        [
            .. reading.Nodes.Select(node => judgement.JudgeNode(node.Metadata.Name))
                .OrderBy(row => row.Name, StringComparer.Ordinal),
        ];
        judgement.JudgeKeysTwice();
        (IReadOnlyList<Finding> findings, IReadOnlyList<PodSighting> toRecreate) =
            AddressJudgement.Of(judgement.Entries(), reading.Nodes, reading.Pods);
        return new DoctorReport
        {
            Namespace = reading.Namespace,
            Generation = reading.NewestGeneration,
            ShardAge = reading.Index is { } index ? Positive(reading.Now - index.Written) : null,
            Controller = reading.Lease?.Spec?.HolderIdentity ?? "",
            ControllerRenewed = judgement.Renewed(),
            Nodes = rows,
            Findings = [.. judgement._findings, .. findings],
            PodsToRecreate = [.. toRecreate.DistinctBy(pod => (pod.Pod, pod.Address)).OrderBy(
                pod => (pod.Node, pod.Pod))],
        };
    }

    private IEnumerable<IPNetwork> Entries() =>
        (_reading.Document?.CloudCidr ?? []).Concat(_reading.Document?.EdgeCidr ?? [])
            .Select(prefix => IPNetwork.Parse(IpPrefixes.Format(prefix)));

    private void JudgeMesh()
    {
        if (_reading.Index is null && _reading.MeshProblems.Count == 0)
        {
            Find(
                FindingCode.NoMesh, [],
                $"there is no mesh document in the namespace {_reading.Namespace}",
                "name the release's namespace with --namespace; if it is that one, see the controller's log");
        }

        foreach (string problem in _reading.MeshProblems)
        {
            Find(
                FindingCode.MeshUnreadable, [], problem,
                "the controller writes the whole document again within five minutes; if not, see its log");
        }

        if (_reading.Index is { } index && _reading.Now - index.Written > IndexAgeMax)
        {
            Find(
                FindingCode.MeshStale, [],
                "no controller has confirmed the mesh for "
                + $"{Quantity.Duration((_reading.Now - index.Written).TotalSeconds)} (by this machine's clock)",
                "see the controller's log");
        }

        if (_reading.Index is { IsUninstalling: true })
        {
            Find(
                FindingCode.Uninstalling, [], "EdgeMesh is being uninstalled",
                "if it should stay, install the release again");
        }

        foreach (string problem in _reading.ObjectProblems)
        {
            Find(FindingCode.ObjectUnreadable, [], problem, "see who wrote it, and delete it if it is nobody's");
        }
    }

    private void JudgeController()
    {
        TimeSpan patience = LeasePatience * TimeSpan.FromSeconds(
            _reading.Lease?.Spec?.LeaseDurationSeconds ?? LeaseSecondsDefault);
        string holder = _reading.Lease?.Spec?.HolderIdentity ?? "";
        if (holder.Length == 0)
        {
            Find(
                FindingCode.NoController, [], "no controller holds the Lease: the mesh stays as it is",
                "see the pods of the controller's Deployment");
        }
        else if (Renewed() is { } renewed && renewed > patience)
        {
            Find(
                FindingCode.NoController, [],
                $"the controller {holder} renewed its Lease {Quantity.Duration(renewed.TotalSeconds)} ago (by this "
                + "machine's clock): the mesh stays as it is",
                "see the pods of the controller's Deployment, and this machine's clock");
        }
    }

    private TimeSpan? Renewed() =>
        KubeTimestamp.TryParse(_reading.Lease?.Spec?.RenewTime, out DateTimeOffset renewed)
            ? Positive(_reading.Now - renewed) : null;

    private NodeRow JudgeNode(string name)
    {
        PublishedNode? published = _reading.Published.GetValueOrDefault(name);
        TrustRecord? trust = _reading.Trusted.GetValueOrDefault(name);
        MeshNode? inMesh = _inMesh.GetValueOrDefault(name);
        string agent = JudgeAgent(name, published);
        string key = JudgeKey(name, published, trust);
        ulong? lag = published is null ? null : JudgeLag(name, published);
        foreach (string problem in published?.Publication.Problems ?? [])
        {
            Find(FindingCode.AgentProblem, [name], $"{name} says: {problem}", "see its agent's log");
        }

        if (published is not null && key == "pinned" && inMesh is null && _reading.Document is not null)
        {
            Find(
                FindingCode.NotInMesh, [name],
                $"{name} has published itself and is trusted, and is not in the mesh",
                $"kubectl get events --field-selector involvedObject.name={name} says why the controller left it out");
        }

        return new NodeRow(name)
        {
            Agent = agent,
            Version = published?.Publication.Version ?? "",
            Generation = published?.Publication.Generation ?? 0,
            Lag = lag,
            Key = key,
            IsInMesh = inMesh is not null,
            Prefixes = inMesh?.Prefixes.Count ?? 0,
            Pods = _podsOf.GetValueOrDefault(name),
        };
    }

    private string JudgeAgent(string name, PublishedNode? published)
    {
        KubePod? pod = _agents[name].OrderBy(pod => pod.Metadata.DeletionTimestamp is null ? 0 : 1).FirstOrDefault();
        bool isReady = pod?.Status?.Conditions?.Exists(
            condition => condition is { Type: "Ready", Status: "True" }) ?? false;
        if (pod is null)
        {
            if (_nodesWithPodsInside.Contains(name))
            {
                Find(
                    FindingCode.NoAgent, [name],
                    $"{name} has pods of the mesh and no agent: other sites can't reach them",
                    "give the agents' DaemonSet a toleration or a node selector that lets it run there");
            }

            return "none";
        }

        if (!isReady)
        {
            Find(
                FindingCode.AgentNotReady, [name],
                $"the agent {pod.Metadata.Name} on {name} is not ready ({pod.Status?.Phase ?? "unknown"})",
                $"kubectl --namespace {_reading.Namespace} describe pod {pod.Metadata.Name}");
        }

        if (published is null)
        {
            Find(
                FindingCode.NoPublication, [name],
                $"the agent of {name} has not said its key and addresses: the node is not in the mesh",
                "see the log of its container 'control': the API, or metaServer at the edge, may be out of its reach");
        }

        return isReady ? "ready" : "not ready";
    }

    private string JudgeKey(string name, PublishedNode? published, TrustRecord? trust)
    {
        if (trust?.Pending is { } pending)
        {
            bool isChange = trust.PeerId is not null;
            Find(
                isChange ? FindingCode.KeyChanged : FindingCode.KeyPending, [name],
                isChange
                    ? $"{name} shows the key {pending} in place of {trust.PeerId}: what is in force stays"
                    : $"the key {pending} of {name} waits for approval: the node is not in the mesh",
                $"if 'edgemesh-dataplane identity' says so on that node: edgemesh trust {name} --peer-id {pending}");
            return isChange ? "changed" : "pending";
        }

        return trust?.PeerId is null || published is null ? "none" : "pinned";
    }

    private ulong? JudgeLag(string name, PublishedNode published)
    {
        ulong generation = published.Publication.Generation;
        if (_reading.NewestGeneration <= generation)
        {
            return 0;
        }

        // Nobody wrote down when a generation came; but when another node first said a later one, that one was there.
        ulong lag = _reading.NewestGeneration - generation;
        DateTimeOffset? since = _reading.Published.Values
            .Where(other => other.Publication.Generation > generation).Min(other => other.Written);
        if (_reading.Now - since is { } behind && behind > LagMax)
        {
            Find(
                FindingCode.GenerationLag, [name],
                $"{name} has generation {generation}, {lag} behind, and other nodes have had a later one for "
                + $"{Quantity.Duration(behind.TotalSeconds)}: it forwards by what it has",
                "see whether the node is online, and the log of its container 'control'");
        }

        return lag;
    }

    private void JudgeKeysTwice()
    {
        foreach (IGrouping<string, NodePublication> same in _reading.Published.Values
            .Select(published => published.Publication)
            .GroupBy(publication => publication.PeerId, StringComparer.Ordinal)
            .Where(same => same.Skip(1).Any()))
        {
            string[] nodes = [.. same.Select(publication => publication.Node).Order(StringComparer.Ordinal)];
            Find(
                FindingCode.DuplicatePeerId, nodes,
                $"{string.Join(" and ", nodes)} show one key, {same.Key}: only the first that is trusted keeps it",
                "the disk of one was copied: remove the identity in the state directory of the others, and restart "
                + "their agents");
        }
    }

    private void Find(FindingCode code, IReadOnlyList<string> nodes, string problem, string remedy) =>
        _findings.Add(new Finding(code, nodes, problem, remedy));

    private static TimeSpan Positive(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time;
}
