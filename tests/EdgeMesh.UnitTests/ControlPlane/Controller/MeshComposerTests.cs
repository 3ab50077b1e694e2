using System;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Composition;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Controller;

public sealed class MeshComposerTests
{
    [Fact]
    public void Node_whose_ipam_keeps_to_its_pod_cidrs_has_these_whatever_pods_come_and_go()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.0.0/16"], ["fd00:5::/48"])
            .Node("cloud-1", "10.244.1.0/24")
            .Node("edge-1", "10.244.5.0/24", "fd00:5:0:1::/64")
            .Pod("cloud-1", "10.244.1.7")
            .Pod("edge-1", "10.244.5.9", "fd00:5:0:1::9");
        Assert.Equal(["10.244.1.0/24"], cluster.PrefixesOf("cloud-1"));
        Assert.Equal(["10.244.5.0/24", "fd00:5:0:1::/64"], cluster.PrefixesOf("edge-1"));
        cluster.Pod("cloud-1", "10.244.1.8");
        ComposedMesh again = cluster.Compose();
        Assert.False(again.IsChanged);
        Assert.Empty(again.Findings);
    }

    [Fact]
    public void Addresses_from_anywhere_are_covered_exactly()
    {
        // As SpiderPool deals them out: one pool over all nodes.
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.20.0/24"]).Node("a").Node("b");
        foreach (string last in new[] { "8", "9", "10", "11", "12", "20" })
        {
            cluster.Pod("a", "10.244.20." + last);
        }

        cluster.Pod("b", "10.244.20.13").Pod("b", "10.244.20.14").Pod("b", "10.244.20.15");
        Assert.Equal(["10.244.20.8/30", "10.244.20.12/32", "10.244.20.20/32"], cluster.PrefixesOf("a"));
        Assert.Equal(["10.244.20.13/32", "10.244.20.14/31"], cluster.PrefixesOf("b"));
    }

    [Fact]
    public void Pods_beside_the_pod_cidr_are_added_to_it_and_blocks_that_moved_take_it_away()
    {
        // As Calico does: podCIDRs are set and not kept to; blocks of 64 go to whoever needs one.
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.0.0/16"])
            .Node("a", "10.244.1.0/24").Node("b", "10.244.2.0/24")
            .Pod("a", "10.244.1.7")
            .Pod("a", "10.244.9.64");
        Assert.Equal(["10.244.1.0/24", "10.244.9.64/32"], cluster.PrefixesOf("a"));
        Assert.Equal(["10.244.2.0/24"], cluster.PrefixesOf("b"));

        cluster.Pod("b", "10.244.1.130");
        Assert.Equal(["10.244.1.7/32", "10.244.9.64/32"], cluster.PrefixesOf("a"));
        Assert.Equal(["10.244.1.130/32", "10.244.2.0/24"], cluster.PrefixesOf("b"));

        cluster.Composer.SetPod("10.244.1.130", null);
        Assert.Equal(["10.244.1.0/24", "10.244.9.64/32"], cluster.PrefixesOf("a"));
        Assert.Empty(cluster.Findings());
    }

    [Fact]
    public void Pod_that_moves_takes_its_address_along()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.20.0/24"]).Node("a").Node("b")
            .NamedPod("db-0", "a", "10.244.20.7");
        Assert.Equal(["10.244.20.7/32"], cluster.PrefixesOf("a"));
        cluster.NamedPod("db-0", "b", "10.244.20.7");
        Assert.Empty(cluster.PrefixesOf("a"));
        Assert.Equal(["10.244.20.7/32"], cluster.PrefixesOf("b"));
    }

    [Fact]
    public void Pod_that_ends_gives_way_to_the_one_that_has_its_address_now()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.20.0/24"]).Node("a").Node("b")
            .NamedPod("old", "a", "10.244.20.7").NamedPod("new", "b", "10.244.20.7");
        Assert.Equal(["DuplicatePodAddress a", "DuplicatePodAddress b"], cluster.Findings());
        cluster.Ending("old", "a", "10.244.20.7");
        Assert.Equal(["10.244.20.7/32"], cluster.PrefixesOf("b"));
        Assert.Empty(cluster.PrefixesOf("a"));
        Assert.Empty(cluster.Findings());
        cluster.Composer.SetPod("old", null);
        Assert.Equal(["10.244.20.7/32"], cluster.PrefixesOf("b"));
    }

    [Fact]
    public void Address_of_two_nodes_is_nobodys_both_are_named_and_nothing_else_changes()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.88.0.0/16"])
            .Node("edge-a").Node("edge-b").Node("edge-c")
            .NamedPod("1", "edge-a", "10.88.0.2").NamedPod("2", "edge-b", "10.88.0.2")
            .NamedPod("3", "edge-a", "10.88.0.3").NamedPod("4", "edge-c", "10.88.0.4");
        Assert.Equal(["10.88.0.3/32"], cluster.PrefixesOf("edge-a"));
        Assert.Empty(cluster.PrefixesOf("edge-b"));
        Assert.Equal(["10.88.0.4/32"], cluster.PrefixesOf("edge-c"));
        ControllerFinding[] findings = [.. cluster.Compose().Findings];
        Assert.Equal(
            ["edge-a", "edge-b"], findings.Select(static finding => finding.Node).Order(StringComparer.Ordinal));
        Assert.All(findings, finding =>
        {
            Assert.Contains("10.88.0.2", finding.Text, StringComparison.Ordinal);
            Assert.Contains("'edge-a'", finding.Text, StringComparison.Ordinal);
            Assert.Contains("'edge-b'", finding.Text, StringComparison.Ordinal);
        });

        cluster.Composer.SetPod("2", null);
        Assert.Equal(["10.88.0.2/31"], cluster.PrefixesOf("edge-a"));
        Assert.Empty(cluster.Findings());
    }

    [Fact]
    public void Pod_cidr_that_overlaps_another_counts_on_neither_and_pods_stay_reachable()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.0.0/16"])
            .Node("a", "10.244.0.0/20").Node("b", "10.244.3.0/24").Node("c", "10.244.200.0/24")
            .Pod("a", "10.244.1.1").Pod("b", "10.244.3.3");
        Assert.Equal(["10.244.1.1/32"], cluster.PrefixesOf("a"));
        Assert.Equal(["10.244.3.3/32"], cluster.PrefixesOf("b"));
        Assert.Equal(["10.244.200.0/24"], cluster.PrefixesOf("c"));
        Assert.Equal(["OverlappingPrefixes a", "OverlappingPrefixes b"], cluster.Findings());
        cluster.Node("a", "10.244.16.0/20");
        Assert.Equal(["10.244.1.1/32", "10.244.16.0/20"], cluster.PrefixesOf("a"));
        Assert.Equal(["10.244.3.0/24"], cluster.PrefixesOf("b"));
        Assert.Empty(cluster.Findings());
    }

    [Fact]
    public void Address_in_no_entry_is_left_out_and_told()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.1.0/24"], ["10.244.5.0/24"])
            .Node("a", "10.244.1.0/24", "fd00:1::/64").Pod("a", "10.244.1.4", "fd00:1::4").Pod("a", "10.9.9.9");
        Assert.Equal(["10.244.1.0/24"], cluster.PrefixesOf("a"));
        ControllerFinding finding = Assert.Single(cluster.Compose().Findings);
        Assert.Equal(FindingReason.AddressOutsideCIDRs, finding.Reason);
        Assert.Contains("10.9.9.9, fd00:1::4", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Entry_smaller_than_the_pod_cidr_takes_the_addresses_in_it()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.1.0/25"])
            .Node("a", "10.244.1.0/24").Pod("a", "10.244.1.4").Pod("a", "10.244.1.200");
        Assert.Equal(["10.244.1.4/32"], cluster.PrefixesOf("a"));
        Assert.Equal(["AddressOutsideCIDRs a"], cluster.Findings());
    }

    [Fact]
    public void Without_entries_nodes_are_peers_and_nothing_is_carried_or_told()
    {
        ComposedCluster cluster = new ComposedCluster().Settings([])
            .Node("a", "10.244.1.0/24").Node("b", "10.244.1.0/24").Pod("a", "10.9.9.9");
        MeshDocument document = cluster.Compose().Document!;
        Assert.Equal(["a", "b"], document.Nodes.Select(static node => node.Name));
        Assert.All(document.Nodes, static node => Assert.Empty(node.Prefixes));
        Assert.Empty(cluster.Findings());
    }

    [Fact]
    public void Pods_of_a_node_that_the_cluster_does_not_have_still_own_their_addresses()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.1.0/24"])
            .Node("a", "10.244.1.0/24").Pod("ghost", "10.244.1.9").Pod("a", "10.244.1.8");
        Assert.Equal(["10.244.1.8/32"], cluster.PrefixesOf("a"));
        Assert.Equal(["a"], cluster.Compose().Document!.Nodes.Select(static node => node.Name));
    }

    [Fact]
    public void Node_of_the_document_before_stays_until_its_absence_is_proven()
    {
        MeshDocument before = new ComposedCluster().Settings(["10.244.0.0/16"])
            .Node("a", "10.244.1.0/24").Node("b", "10.244.2.0/24").Compose().Document!;
        ComposedCluster next = new();
        next.Composer.Restore(before);
        next.Settings(["10.244.0.0/16"]).Node("a", "10.244.1.0/24");
        ComposedMesh composed = next.Compose();
        Assert.False(composed.IsChanged);
        Assert.Equal(["b"], composed.Unproven);
        Assert.Equal(["10.244.2.0/24"], next.PrefixesOf("b"));

        next.Composer.RemoveNode("b");
        ComposedMesh after = next.Compose();
        Assert.True(after.IsChanged);
        Assert.Empty(after.Unproven);
        Assert.Equal(["a"], after.Document!.Nodes.Select(static node => node.Name));
    }

    [Fact]
    public void Unproven_node_loses_a_prefix_that_is_anothers_now()
    {
        MeshDocument before = new ComposedCluster().Settings(["10.244.0.0/16"]).Node("b").Pod("b", "10.244.2.1")
            .Compose().Document!;
        ComposedCluster next = new();
        next.Composer.Restore(before);
        next.Settings(["10.244.0.0/16"]).Node("a").Pod("a", "10.244.2.1");
        Assert.Equal(["10.244.2.1/32"], next.PrefixesOf("a"));
        Assert.Equal(["MeshRefused b"], next.Findings());
    }

    [Fact]
    public void Relay_addresses_come_first_and_bad_addresses_are_left_out_and_told()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(
            ["10.244.1.0/24"], null, TrustMode.Pin, new RelayNode("a", ["/ip4/1.1.1.1/tcp/20006"]));
        cluster.Node("a", "10.244.1.0/24").Node("b");
        cluster.Publish("a", "a", "/ip4/192.0.2.7/tcp/20006", "/ip4/10.244.1.1/tcp/20006", "/ip4/1.1.1.1/tcp/20006");
        cluster.Publish("b", "b", "/ip4/192.0.2.8/tcp/20006");
        MeshDocument document = cluster.Compose().Document!;
        Assert.Equal(["/ip4/1.1.1.1/tcp/20006", "/ip4/192.0.2.7/tcp/20006"], document.Nodes[0].Addresses);
        Assert.True(document.Nodes[0].Relay);
        Assert.False(document.Nodes[1].Relay);
        Assert.Equal(["InvalidPublication a"], cluster.Findings());
    }

    [Fact]
    public void Mesh_over_its_limits_is_told_and_the_one_in_force_stays()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.0.0.0/8"]).Node("a").Node("b");
        AddSingles(cluster, "a", 0, ControlLimits.PrefixesMax / 2);
        AddSingles(cluster, "b", ControlLimits.PrefixesMax / 2, ControlLimits.PrefixesMax / 2);
        MeshDocument before = cluster.Compose().Document!;
        AddSingles(cluster, "b", ControlLimits.PrefixesMax, 1);
        ComposedMesh composed = cluster.Composer.Compose();
        Assert.Null(composed.Document);
        Assert.False(composed.IsChanged);
        Assert.Equal(FindingReason.MeshRefused, Assert.Single(composed.Findings).Reason);

        cluster.Composer.SetPod("10.4.0.0", null);
        ComposedMesh after = cluster.Compose();
        Assert.False(after.IsChanged);
        Assert.Same(before, after.Document);
    }

    [Fact]
    public void Node_over_the_limit_of_a_mesh_is_left_out_alone()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.0.0.0/8"]).Node("a").Node("b");
        AddSingles(cluster, "a", 0, ControlLimits.PrefixesMax + 1);
        cluster.Pod("b", "10.200.0.1");
        Assert.Equal(["MeshRefused a"], cluster.Findings());
        Assert.Equal(["10.200.0.1/32"], cluster.PrefixesOf("b"));
    }

    [Fact]
    public void Unchanged_nodes_are_the_same_objects_in_the_next_document()
    {
        ComposedCluster cluster = new ComposedCluster().Settings(["10.244.0.0/16"]).Node("a").Node("b")
            .Pod("a", "10.244.1.1").Pod("b", "10.244.1.2");
        MeshDocument first = cluster.Compose().Document!;
        cluster.Pod("b", "10.244.1.3");
        MeshDocument second = cluster.Compose().Document!;
        Assert.Same(first.Nodes[0], second.Nodes[0]);
        Assert.NotSame(first.Nodes[1], second.Nodes[1]);
    }

    // Addresses of which no two are the halves of one prefix.
    private static void AddSingles(ComposedCluster cluster, string node, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            int at = i * 2;
            cluster.Pod(node, $"10.{at >> 16}.{(at >> 8) & 0xff}.{at & 0xff}");
        }
    }
}
