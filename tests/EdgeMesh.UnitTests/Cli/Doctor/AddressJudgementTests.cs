using System.Linq;
using EdgeMesh.Cli;
using Xunit;

namespace EdgeMesh.UnitTests.Cli.Doctor;

public sealed class AddressJudgementTests
{
    private readonly SampleCluster _cluster = new();

    [Fact]
    public void A_range_that_each_edge_node_hands_out_is_one_finding_and_its_pods_are_to_be_recreated()
    {
        // KubeEdge's install script: host-local 10.88.0.0/16 on every node, so the same addresses everywhere.
        _cluster.Pods.Add(SampleCluster.Pod("a", SampleCluster.Cloud, "10.88.0.2"));
        _cluster.Pods.Add(SampleCluster.Pod("b", SampleCluster.Edge, "10.88.0.2"));
        _cluster.Pods.Add(SampleCluster.Pod("c", SampleCluster.Edge, "10.88.0.3"));
        DoctorReport report = _cluster.Judge();
        Finding finding = Assert.Single(report.Findings);
        Assert.Equal(FindingCode.DuplicateRange, finding.Code);
        Assert.Equal([SampleCluster.Cloud, SampleCluster.Edge], finding.Nodes);
        Assert.Contains("10.88.0.0/16", finding.Problem, System.StringComparison.Ordinal);
        Assert.Equal(["default/a", "default/b", "default/c"], report.PodsToRecreate.Select(pod => pod.Pod).Order());
    }

    [Fact]
    public void The_range_is_found_before_two_pods_have_one_address()
    {
        _cluster.Pods.Add(SampleCluster.Pod("a", SampleCluster.Cloud, "10.88.0.2"));
        _cluster.Pods.Add(SampleCluster.Pod("b", SampleCluster.Edge, "10.88.0.9"));
        Assert.Equal([FindingCode.DuplicateRange], _cluster.Codes());
    }

    [Fact]
    public void The_range_of_one_node_alone_is_only_outside()
    {
        _cluster.Pods.Add(SampleCluster.Pod("b", SampleCluster.Edge, "10.88.0.9", minute: 5));
        DoctorReport report = _cluster.Judge();
        Assert.Equal([FindingCode.AddressOutside], report.Findings.Select(finding => finding.Code));
        Assert.Empty(report.PodsToRecreate);
    }

    [Fact]
    public void Pods_from_before_the_node_s_CNI_are_to_be_recreated()
    {
        _cluster.Pods.Add(SampleCluster.Pod("old", SampleCluster.Edge, "10.88.0.9"));
        _cluster.Pods.Add(SampleCluster.Pod("new", SampleCluster.Edge, "10.244.5.10", minute: 5));
        DoctorReport report = _cluster.Judge();
        Finding finding = Assert.Single(report.Findings);
        Assert.Equal(FindingCode.AddressOutside, finding.Code);
        Assert.StartsWith("recreate", finding.Remedy, System.StringComparison.Ordinal);
        Assert.Equal(["default/old"], report.PodsToRecreate.Select(pod => pod.Pod));
    }

    [Fact]
    public void A_private_range_of_any_kind_counts_once_an_address_is_there_twice()
    {
        _cluster.Pods.Add(SampleCluster.Pod("a", SampleCluster.Cloud, "192.168.7.2"));
        _cluster.Pods.Add(SampleCluster.Pod("b", SampleCluster.Edge, "192.168.7.3"));

        // Each address once: Calico's blocks of one pool look like that.
        Assert.Equal([FindingCode.AddressOutside, FindingCode.AddressOutside], _cluster.Codes());
        _cluster.Pods.Add(SampleCluster.Pod("c", SampleCluster.Edge, "192.168.7.2"));
        Finding finding = Assert.Single(_cluster.Judge().Findings);
        Assert.Equal(FindingCode.DuplicateRange, finding.Code);
        Assert.Contains("192.168.7.0/24", finding.Problem, System.StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_of_an_entry_at_two_nodes_names_both_owners()
    {
        _cluster.Pods.Add(SampleCluster.Pod("copy", SampleCluster.Cloud, "10.244.5.9"));
        Finding finding = Assert.Single(_cluster.Judge().Findings);
        Assert.Equal(FindingCode.DuplicateAddress, finding.Code);
        Assert.Contains("default/camera on edge-a", finding.Problem, System.StringComparison.Ordinal);
        Assert.Contains("default/copy on cloud-1", finding.Problem, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_that_ended_or_live_in_the_node_s_network_do_not_count()
    {
        _cluster.Pods.Add(SampleCluster.Pod("done", SampleCluster.Cloud, "10.244.5.9", phase: "Succeeded"));
        _cluster.Pods.Add(SampleCluster.Pod("failed", SampleCluster.Cloud, "10.244.5.9", phase: "Failed"));
        _cluster.Pods.Add(SampleCluster.Pod("host", SampleCluster.Cloud, "192.0.2.1", isHost: true));
        Assert.Empty(_cluster.Codes());
    }

    [Fact]
    public void Overlapping_podCIDRs_are_found_however_they_nest()
    {
        _cluster.Nodes.Add(SampleCluster.Node("edge-b", "10.244.5.128/25"));
        _cluster.Nodes.Add(SampleCluster.Node("edge-c", "10.244.0.0/16"));
        Finding[] findings = [.. _cluster.Judge().Findings];
        Assert.All(findings, finding => Assert.Equal(FindingCode.OverlappingPrefixes, finding.Code));
        Assert.Equal(
            ["cloud-1 edge-c", "edge-a edge-b", "edge-a edge-c", "edge-b edge-c"],
            findings.Select(finding => string.Join(' ', finding.Nodes.Order())).Order());
    }

    [Fact]
    public void Both_families_are_judged()
    {
        _cluster.Nodes[0] = SampleCluster.Node(SampleCluster.Cloud, "10.244.1.0/24", "fd00:1::/64");
        _cluster.Nodes[1] = SampleCluster.Node(SampleCluster.Edge, "10.244.5.0/24", "fd00:1::/64");
        _cluster.Pods.Add(SampleCluster.Pod("six", SampleCluster.Edge, "fd00:9::1"));
        Assert.Equal([FindingCode.OverlappingPrefixes, FindingCode.AddressOutside], _cluster.Codes());
    }

    [Fact]
    public void Without_entries_nothing_is_outside_of_them()
    {
        _cluster.Document!.CloudCidr.Clear();
        _cluster.Document.EdgeCidr.Clear();
        _cluster.Pods.Add(SampleCluster.Pod("a", SampleCluster.Cloud, "10.88.0.2"));
        _cluster.Pods.Add(SampleCluster.Pod("b", SampleCluster.Edge, "10.88.0.2"));
        Assert.Empty(_cluster.Codes());
    }
}
