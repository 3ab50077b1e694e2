using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>etcd, API server, controller manager and scheduler, in one namespace, and the relays to the API.</summary>
public sealed class ControlSegment : IAsyncDisposable
{
    private const string Gates = "--feature-gates=IPv6DualStack=true";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private readonly string _directory;
    private readonly string _programs;
    private readonly ClusterKeys _keys;
    private LabProcess? _etcd;
    private LabProcess? _apiServer;
    private LabProcess? _controllerManager;
    private LabProcess? _scheduler;

    internal ControlSegment(LabNamespace network, string directory, string programs, ClusterKeys keys)
    {
        Network = network;
        _directory = directory;
        _programs = programs;
        _keys = keys;
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "audit.yaml"), AuditPolicy);
        IPEndPoint api = new(IPAddress.Loopback, ClusterPlan.ApiPort);
        PodRelay = TcpRelay.Start(
            network.Listen(new IPEndPoint(IPAddress.Parse(ClusterPlan.ControlAddress), ClusterPlan.RelayPort)),
            network,
            api);
        var own = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        own.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        own.Listen();
        OwnRelay = TcpRelay.Start(own, network, api);
    }

    /// <summary>Where all of it runs.</summary>
    public LabNamespace Network { get; }

    /// <summary>What pods reach the API server through, by the service's address.</summary>
    public TcpRelay PodRelay { get; }

    /// <summary>What this process reaches the API server through, on its own loopback.</summary>
    public TcpRelay OwnRelay { get; }

    /// <summary>The API server's log of who asked for what, a line of JSON each.</summary>
    public string AuditPath => Path.Combine(_directory, "audit.log");

    /// <summary>The API server, if it runs.</summary>
    public LabProcess? ApiServer => _apiServer;

    /// <summary>Starts etcd and the API server and waits until it is ready.</summary>
    public async Task StartApiAsync()
    {
        // Objects are written to memory: the machine's disk is no part of what is looked at.
        string data = Path.Combine(_directory, "etcd");
        _etcd ??= Network.Start(
            "etcd",
            [
                Program("etcd"), "--data-dir", data, "--listen-client-urls", "http://127.0.0.1:2379",
                "--advertise-client-urls", "http://127.0.0.1:2379", "--listen-peer-urls", "http://127.0.0.1:2380",
                "--initial-advertise-peer-urls", "http://127.0.0.1:2380", "--initial-cluster",
                "default=http://127.0.0.1:2380", "--logger", "zap", "--log-outputs", "stderr",
            ]);
        _apiServer = Network.Start("kube-apiserver", ApiServerWords());
        await WaitUntilReadyAsync();
    }

    /// <summary>Ends the API server; all connections to it are cut. etcd goes on.</summary>
    public async Task StopApiAsync()
    {
        if (_apiServer is not null)
        {
            await _apiServer.KillAsync();
            await _apiServer.DisposeAsync();
            _apiServer = null;
        }
    }

    /// <summary>Starts the controller manager and the scheduler.</summary>
    internal void StartControllers()
    {
        _controllerManager ??= Network.Start(
            "kube-controller-manager",
            [
                Program("kube-controller-manager"), "--kubeconfig", _keys.ConfigPath("controller-manager"),
                "--service-account-private-key-file", _keys.AccountKeyPath, "--root-ca-file", _keys.AuthorityPath,
                "--use-service-account-credentials=false", "--allocate-node-cidrs=false", "--leader-elect=false",
                "--bind-address=127.0.0.1", "--node-monitor-grace-period=20s", "--pod-eviction-timeout=10m", Gates,
            ]);
        _scheduler ??= Network.Start(
            "kube-scheduler",
            [
                Program("kube-scheduler"), "--kubeconfig", _keys.ConfigPath("scheduler"), "--leader-elect=false",
                "--bind-address=127.0.0.1", Gates,
            ]);
    }

    /// <summary>Throws all of etcd's past away: resource versions but the last are gone from then on.</summary>
    public async Task CompactAsync()
    {
        string answer = (await Network.RunAsync(
            "env", "ETCDCTL_API=3", "etcdctl", "get", "/registry/none", "-w", "json")).OrThrow().Output;
        long revision = Mesh.CliView.Parse(answer).Child("header").Count("revision");
        (await Network.RunAsync(
            "env", "ETCDCTL_API=3", "etcdctl", "compact", revision.ToString(CultureInfo.InvariantCulture))).OrThrow();
    }

    /// <summary>
    /// Keeps pods away from the API while something changes, and has it forget that by the time they are back: etcd's
    /// past is thrown away, and the API server, which remembers some of it too, is another one.
    /// </summary>
    /// <param name="changeAsync">What changes.</param>
    public async Task ForgetAsync(Func<Task> changeAsync)
    {
        PodRelay.IsShut = true;
        try
        {
            await changeAsync();
            await CompactAsync();
            await StopApiAsync();
            await StartApiAsync();
        }
        finally
        {
            PodRelay.IsShut = false;
        }
    }

    /// <summary>Ends everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await PodRelay.DisposeAsync();
        await OwnRelay.DisposeAsync();
        foreach (LabProcess? process in (LabProcess?[])[_scheduler, _controllerManager, _apiServer, _etcd])
        {
            if (process is not null)
            {
                await process.KillAsync();
                await process.DisposeAsync();
            }
        }
    }

    private List<string> ApiServerWords() =>
    [
        Program("kube-apiserver"), "--etcd-servers=http://127.0.0.1:2379", "--bind-address=0.0.0.0",
        "--advertise-address=" + ClusterPlan.ControlAddress,
        string.Create(CultureInfo.InvariantCulture, $"--secure-port={ClusterPlan.ApiPort}"),
        "--tls-cert-file=" + _keys.ServerCertificatePath, "--tls-private-key-file=" + _keys.ServerKeyPath,
        "--token-auth-file=" + _keys.TokenPath, "--authorization-mode=Node,RBAC",
        "--service-account-key-file=" + _keys.AccountPublicKeyPath,
        "--service-account-signing-key-file=" + _keys.AccountKeyPath,
        "--service-account-issuer=https://kubernetes.default.svc", "--api-audiences=https://kubernetes.default.svc",
        "--service-cluster-ip-range=" + ClusterPlan.ServicePrefix, "--endpoint-reconciler-type=none",
        "--allow-privileged=true", "--kubelet-preferred-address-types=InternalIP",
        "--cert-dir=" + _directory, "--audit-policy-file=" + Path.Combine(_directory, "audit.yaml"),
        "--audit-log-path=" + AuditPath, "--watch-cache=true", Gates,
    ];

    private async Task WaitUntilReadyAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            CommandResult answer = await Network.RunAsync(
                "curl", "-sk", "--max-time", "2",
                string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{ClusterPlan.ApiPort}/readyz"));
            if (answer.Output == "ok")
            {
                return;
            }

            if (clock.Elapsed > StartPatience ||
                _apiServer is not { IsRunning: true } || _etcd is not { IsRunning: true })
            {
                throw new LabException(
                    $"the API server is not ready after {clock.Elapsed.TotalSeconds:0} s: {answer.Output}\n" +
                    $"its log: {_apiServer?.ErrorPath}, etcd's: {_etcd?.ErrorPath}");
            }

            await Task.Delay(100);
        }
    }

    private string Program(string name) => Path.Combine(_programs, name);

    // Who asked for what and whether that was allowed; not what kubelets and the control plane itself ask.
    private const string AuditPolicy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
          - level: None
            userGroups: ["system:nodes", "system:masters"]
          - level: None
            users: ["system:apiserver", "system:anonymous"]
          - level: Metadata
        """;
}
