using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.Cli;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.UnitTests.Cli.Doctor;

/// <summary>
/// A cluster in which nothing is wrong: cloud-1 (10.244.1.0/24) and edge-a (10.244.5.0/24), each with an agent and a
/// pod. Tests spoil it.
/// </summary>
internal sealed class SampleCluster
{
    public const string Cloud = "cloud-1";
    public const string Edge = "edge-a";
    private const string Namespace = "kubeedge";

    public DateTimeOffset Now { get; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public List<KubeNode> Nodes { get; } = [Node(Cloud, "10.244.1.0/24"), Node(Edge, "10.244.5.0/24")];

    public List<KubePod> Pods { get; } =
    [
        Agent(Cloud), Agent(Edge), Pod("web", Cloud, "10.244.1.7"), Pod("camera", Edge, "10.244.5.9"),
    ];

    public Dictionary<string, PublishedNode> Published { get; } = [];

    public Dictionary<string, TrustRecord> Trusted { get; } = [];

    public MeshDocument? Document { get; set; } = new() { Generation = 100, Source = "kubernetes/c" };

    public MeshIndex? Index { get; set; }

    public ulong NewestGeneration { get; set; } = 100;

    public KubeLease? Lease { get; set; }

    public SampleCluster()
    {
        Document!.CloudCidr.Add(Prefix("10.244.1.0/24"));
        Document.EdgeCidr.Add(Prefix("10.244.5.0/24"));
        Join(Cloud, "10.244.1.0/24");
        Join(Edge, "10.244.5.0/24");
        Index = new MeshIndex(
            "c", 100, 'a', [new MeshIndexShard("edgemesh-mesh-a-0", new string('0', 64))], new string('0', 64),
            Now - TimeSpan.FromMinutes(1));
        Lease = new KubeLease
        {
            Spec = new KubeLeaseSpec
            {
                HolderIdentity = "controller-0",
                LeaseDurationSeconds = 15,
                RenewTime = KubeTimestamp.FormatMicros(Now - TimeSpan.FromSeconds(2)),
            },
        };
    }

    public DoctorReport Judge() => ClusterJudgement.Of(new ClusterReading
    {
        Namespace = Namespace,
        Now = Now,
        Nodes = Nodes,
        Pods = Pods,
        Published = Published,
        Trusted = Trusted,
        Index = Index,
        Document = Document,
        NewestGeneration = NewestGeneration,
        Lease = Lease,
    });

    public FindingCode[] Codes() => [.. Judge().Findings.Select(finding => finding.Code)];

    /// <summary>A node publishes itself, is trusted, and is in the document.</summary>
    public void Join(string node, string prefix)
    {
        Publish(node);
        Trusted[node] = new TrustRecord(PeerIdOf(node), null);
        var inMesh = new MeshNode { Name = node };
        inMesh.Prefixes.Add(Prefix(prefix));
        Document!.Nodes.Add(inMesh);
    }

    public void Publish(string node, ulong generation = 100, string? peerId = null, params string[] problems) =>
        Published[node] = new PublishedNode(
            new NodePublication(
                node, peerId ?? PeerIdOf(node), ["/ip4/10.99.0.1/tcp/20006"], "1.2.3", generation, problems, ""),
            Now - TimeSpan.FromMinutes(2));

    public static string PeerIdOf(string node)
    {
        byte[] key = new byte[36];
        ((ReadOnlySpan<byte>)[0x08, 0x01, 0x12, 0x20]).CopyTo(key);
        System.Text.Encoding.ASCII.GetBytes(node).CopyTo(key, 4);
        return PeerId.FromPublicKeyProtobuf(key).ToString();
    }

    public static KubeNode Node(string name, params string[] podCidrs) => new()
    {
        Metadata = new KubeMetadata { Name = name },
        Spec = new KubeNodeSpec { PodCidrs = [.. podCidrs] },
    };

    public static KubePod Pod(
        string name, string node, string address, int minute = 0, string phase = "Running",
        bool isHost = false) => new()
    {
        Metadata = new KubeMetadata
        {
            Name = name,
            Namespace = "default",
            CreationTimestamp = $"2026-11-01T08:{minute:00}:00Z",
        },
        Spec = new KubePodSpec { NodeName = node, HostNetwork = isHost },
        Status = new KubePodStatus { Phase = phase, PodIp = address, PodIps = [new KubePodIp { Ip = address }] },
    };

    public static KubePod Agent(string node, string ready = "True") => new()
    {
        Metadata = new KubeMetadata
        {
            Name = $"edgemesh-agent-{node}",
            Namespace = Namespace,
            Labels = new Dictionary<string, string>
            {
                ["k8s-app"] = "kubeedge",
                ["kubeedge"] = "edgemesh-agent",
            },
        },
        Spec = new KubePodSpec { NodeName = node, HostNetwork = true },
        Status = new KubePodStatus
        {
            Phase = "Running",
            PodIp = "192.0.2.1",
            Conditions = [new KubeCondition { Type = "Ready", Status = ready }],
        },
    };

    private static IpPrefix Prefix(string text) =>
        IpPrefixes.TryParse(text, out IpPrefix? prefix, out _) ? prefix : throw new FormatException(text);
}
