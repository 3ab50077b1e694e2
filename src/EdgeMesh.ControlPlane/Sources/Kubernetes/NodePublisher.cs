using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

/// <summary>
/// Publishes this node's key and addresses in the cluster, by creating a ConfigMap: agents may do nothing else, so a
/// captured node can't change what others have written.
/// </summary>
/// <remarks>Nothing waits for it: the mesh in force goes on without an API.</remarks>
internal sealed class NodePublisher
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(60);

    // At the cloud, the controller needs a moment; the operator needs longer.
    private static readonly TimeSpan TrustInterval = TimeSpan.FromSeconds(60);

    private readonly string _node;
    private readonly string _tun;
    private readonly KubernetesOptions _options;
    private readonly SharedValue<ClusterAccess> _access;
    private readonly SharedValue<DataplaneFacts> _facts;
    private readonly DesiredMesh _desired;
    private readonly ShardIntake _intake;
    private readonly ProblemBoard _board;
    private readonly StructuredLog _log;
    private readonly ProblemLog _problems;
    private readonly PublicationPlan _plan = new();
    private TimeSpan? _trustAsked;

    internal NodePublisher(
        string node,
        string tun,
        KubernetesOptions options,
        SharedValue<ClusterAccess> access,
        SharedValue<DataplaneFacts> facts,
        DesiredMesh desired,
        ShardIntake intake,
        ProblemBoard board,
        StructuredLog log)
    {
        _node = node;
        _tun = tun;
        _options = options;
        _access = access;
        _facts = facts;
        _desired = desired;
        _intake = intake;
        _board = board;
        _log = log;
        _problems = new ProblemLog(log, "publication_problem");
    }

    internal async Task RunAsync(CancellationToken stop)
    {
        TimeSpan retry = RetryMin;
        while (true)
        {
            (ClusterAccess? access, Task isFound) = _access.Read();
            (DataplaneFacts? facts, Task hasFacts) = _facts.Read();
            TimeSpan wait = LookInterval;
            if (facts is not null)
            {
                _intake.LookAgain(); // our key is known now, or another one
            }

            if (access is not null && facts is not null)
            {
                bool isWell = await PublishAsync(access, facts, stop);
                await AskTrustAsync(access, facts, stop);
                wait = isWell ? LookInterval : retry * (0.5 + Random.Shared.NextDouble());
                retry = isWell ? RetryMin : retry * 2 < RetryMax ? retry * 2 : RetryMax;
            }

            TimeProvider time = access?.Time ?? TimeProvider.System;
            await Task.WhenAny(Task.Delay(wait, time, stop), isFound, hasFacts);
            stop.ThrowIfCancellationRequested();
        }
    }

    // False: it has to be tried again.
    private async Task<bool> PublishAsync(ClusterAccess access, DataplaneFacts facts, CancellationToken stop)
    {
        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        TimeSpan uptime = access.Time.GetElapsedTime(0);
        if (_plan.Next(Compose(facts), nonce, uptime) is not { } next)
        {
            return true;
        }

        ClusterObject written = next.ToObject();
        KubeResponse<KubeConfigMap> response = await access.Client.CreateAsync(
            KubeResources.ConfigMaps, access.Write(written), stop);

        // The name holds the content's hash: what is there under it is this very publication.
        if (response.Result is KubeResult.Found or KubeResult.Conflict)
        {
            _plan.Confirm(next, uptime);
            _problems.Report([]);
            _board.Set(ProblemBoard.Publication, []);
            _log.Info("node_published", ("object", written.Name), ("peer_id", next.PeerId),
                ("addresses", string.Join(' ', next.Addresses)), ("generation", next.Generation),
                ("new", response.Result == KubeResult.Found));
            return true;
        }

        string problem = $"this node's publication '{written.Name}' can't be created: {response.Problem}";
        _problems.Report([problem]);
        _board.Set(ProblemBoard.Publication, [problem]);
        return false;
    }

    private NodePublication Compose(DataplaneFacts facts)
    {
        MeshDocument? mesh = _desired.Read().Document;
        IReadOnlyList<string> addresses = OwnAddresses.Select(_options.Advertise, facts.Listen, Host(), mesh);
        string[] problems =
        [
            .. _board.Read().Problems,
            .. addresses.Count > 0 ? Array.Empty<string>() :
            [
                "this node has no address that others could dial: no link has a default route; give --advertise",
            ],
        ];
        bool isOfCluster = mesh is not null && ClusterNames.ClusterOf(mesh.Source) is not null;
        return new NodePublication(
            _node, facts.PeerId, addresses, facts.Version, isOfCluster ? mesh!.Generation : 0,
            [.. problems.Take(ClusterLimits.ProblemsMax)], "");
    }

    private IReadOnlyList<System.Net.IPAddress> Host()
    {
        if (_options.Advertise.Count > 0)
        {
            return [];
        }

        try
        {
            using RouteSocket socket = RouteSocket.Open();
            return OwnAddresses.Candidates(socket, _tun);
        }
        catch (NetlinkException e)
        {
            _log.Warn("own_addresses_unknown", ("problem", e.Message));
            return [];
        }
    }

    // In approve mode a new node waits for the operator; only the trust record tells that from being on its way.
    private async Task AskTrustAsync(ClusterAccess access, DataplaneFacts facts, CancellationToken stop)
    {
        TimeSpan uptime = access.Time.GetElapsedTime(0);
        if (!_intake.IsUnadmitted || uptime - _trustAsked < TrustInterval)
        {
            return;
        }

        _trustAsked = uptime;
        KubeResponse<KubeConfigMap> response = await access.Client.GetAsync(
            KubeResources.ConfigMaps, access.Namespace, ClusterNames.TrustOf(_node), stop);
        _intake.SetPending(response.IsFound
            && response.Value.Data?.GetValueOrDefault(_node) is string text
            && TrustRecord.TryParse(text, out TrustRecord? record, out _)
            && record.Pending == facts.PeerId);
    }
}
