using System;
using System.Linq;
using EdgeMesh.Cli;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.Kubernetes.Objects;
using Xunit;

namespace EdgeMesh.UnitTests.Cli.Doctor;

public sealed class ClusterJudgementTests
{
    private readonly SampleCluster _cluster = new();

    [Fact]
    public void A_sound_cluster_has_no_findings()
    {
        DoctorReport report = _cluster.Judge();
        Assert.Empty(report.Findings);
        Assert.Empty(report.PodsToRecreate);
        Assert.Equal(
            new NodeRow(SampleCluster.Edge)
            {
                Agent = "ready", Version = "1.2.3", Generation = 100, Lag = 0, Key = "pinned", IsInMesh = true,
                Prefixes = 1, Pods = 1,
            },
            report.Nodes[1]);
        Assert.Equal(TimeSpan.FromMinutes(1), report.ShardAge);
        Assert.Equal("controller-0", report.Controller);
        Assert.Equal(TimeSpan.FromSeconds(2), report.ControllerRenewed);
    }

    [Fact]
    public void No_index_is_no_mesh()
    {
        _cluster.Index = null;
        _cluster.Document = null;
        Assert.Contains(FindingCode.NoMesh, _cluster.Codes());
    }

    [Fact]
    public void An_index_that_says_so_is_an_uninstallation()
    {
        _cluster.Index = _cluster.Index! with { IsUninstalling = true };
        Assert.Equal([FindingCode.Uninstalling], _cluster.Codes());
    }

    [Fact]
    public void A_lease_that_nobody_holds_or_renews_is_no_controller()
    {
        _cluster.Lease!.Spec!.RenewTime = KubeTimestamp.FormatMicros(_cluster.Now - TimeSpan.FromSeconds(31));
        Assert.Equal([FindingCode.NoController], _cluster.Codes());
        _cluster.Lease.Spec.HolderIdentity = "";
        Assert.Equal([FindingCode.NoController], _cluster.Codes());
        _cluster.Lease = null;
        Assert.Equal([FindingCode.NoController], _cluster.Codes());
    }

    [Fact]
    public void A_lease_renewed_in_the_future_is_held()
    {
        _cluster.Lease!.Spec!.RenewTime = KubeTimestamp.FormatMicros(_cluster.Now + TimeSpan.FromMinutes(5));
        Assert.Empty(_cluster.Codes());
    }

    [Fact]
    public void A_node_with_pods_of_the_mesh_needs_an_agent()
    {
        _cluster.Pods.RemoveAll(pod => pod.Metadata.Name == $"edgemesh-agent-{SampleCluster.Edge}");
        Assert.Equal([FindingCode.NoAgent], _cluster.Codes());
        _cluster.Pods.RemoveAll(pod => pod.Metadata.Name == "camera");
        Assert.Empty(_cluster.Codes());
    }

    [Fact]
    public void An_agent_that_is_not_ready_is_told()
    {
        _cluster.Pods[1] = SampleCluster.Agent(SampleCluster.Edge, ready: "False");
        DoctorReport report = _cluster.Judge();
        Assert.Equal([FindingCode.AgentNotReady], report.Findings.Select(finding => finding.Code));
        Assert.Equal("not ready", report.Nodes[1].Agent);
    }

    [Fact]
    public void An_agent_that_said_nothing_is_told()
    {
        _cluster.Published.Remove(SampleCluster.Edge);
        Assert.Equal([FindingCode.NoPublication], _cluster.Codes());
    }

    [Fact]
    public void A_first_key_that_waits_and_a_changed_one_are_two_things()
    {
        string other = SampleCluster.PeerIdOf("other");
        _cluster.Trusted[SampleCluster.Edge] = new TrustRecord(null, other);
        DoctorReport report = _cluster.Judge();
        Assert.Equal([FindingCode.KeyPending], report.Findings.Select(finding => finding.Code));
        Assert.Equal("pending", report.Nodes[1].Key);
        Assert.Contains($"edgemesh trust {SampleCluster.Edge} --peer-id {other}", report.Findings[0].Remedy,
            StringComparison.Ordinal);

        _cluster.Trusted[SampleCluster.Edge] = new TrustRecord(SampleCluster.PeerIdOf(SampleCluster.Edge), other);
        report = _cluster.Judge();
        Assert.Equal([FindingCode.KeyChanged], report.Findings.Select(finding => finding.Code));
        Assert.Equal("changed", report.Nodes[1].Key);
    }

    [Fact]
    public void Two_nodes_with_one_key_are_named_together()
    {
        _cluster.Publish(SampleCluster.Edge, peerId: SampleCluster.PeerIdOf(SampleCluster.Cloud));
        Finding finding = Assert.Single(_cluster.Judge().Findings);
        Assert.Equal(FindingCode.DuplicatePeerId, finding.Code);
        Assert.Equal([SampleCluster.Cloud, SampleCluster.Edge], finding.Nodes);
    }

    [Fact]
    public void A_trusted_node_that_is_left_out_is_told()
    {
        _cluster.Document!.Nodes.RemoveAt(1);
        Assert.Equal([FindingCode.NotInMesh], _cluster.Codes());
    }

    [Fact]
    public void Problems_that_an_agent_published_are_told()
    {
        _cluster.Publish(SampleCluster.Edge, problems: ["IPv4 forwarding is off"]);
        Finding finding = Assert.Single(_cluster.Judge().Findings);
        Assert.Equal(FindingCode.AgentProblem, finding.Code);
        Assert.Contains("IPv4 forwarding is off", finding.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(99, 5, false)]   // the other node said 100 five minutes ago: agents say theirs each ten
    [InlineData(99, 21, true)]
    [InlineData(100, 21, false)]
    public void A_lag_counts_from_when_another_node_said_a_later_generation(
        ulong generation, int minutes, bool isFound)
    {
        _cluster.Publish(SampleCluster.Edge, generation);
        _cluster.Published[SampleCluster.Cloud] = _cluster.Published[SampleCluster.Cloud] with
        {
            Written = _cluster.Now - TimeSpan.FromMinutes(minutes),
        };
        DoctorReport report = _cluster.Judge();
        Assert.Equal(isFound ? [FindingCode.GenerationLag] : [], report.Findings.Select(finding => finding.Code));
        Assert.Equal(100 - generation, report.Nodes[1].Lag);
    }

    [Fact]
    public void An_index_that_nobody_confirms_is_stale()
    {
        _cluster.Index = _cluster.Index! with { Written = _cluster.Now - TimeSpan.FromMinutes(16) };
        Assert.Equal([FindingCode.MeshStale], _cluster.Codes());
    }
}
