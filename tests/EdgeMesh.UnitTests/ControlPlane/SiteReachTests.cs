using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using Xunit;
using static EdgeMesh.UnitTests.ControlChannel.SampleMeshes;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class SiteReachTests
{
    [Theory]
    [InlineData("/ip4/10.0.0.1/tcp/20006", false, false)]
    [InlineData("/ip4/192.168.1.1/tcp/20006", false, false)]
    [InlineData("/ip4/100.64.0.1/tcp/20006", false, false)]
    [InlineData("/ip6/fd00::1/tcp/20006", false, false)]
    [InlineData("/ip4/172.31.0.1/tcp/20006", false, false)]
    [InlineData("/ip4/10.0.0.1/tcp/20006", true, true)]
    [InlineData("/ip4/172.32.0.1/tcp/20006", false, true)]
    [InlineData("/ip6/2001:db8::1/tcp/20006", false, true)]
    [InlineData("/dns4/relay.example.com/tcp/443", false, true)]
    public void A_node_is_open_if_it_is_a_relay_or_has_a_public_address(string address, bool isRelay, bool isOpen)
    {
        MeshNode node = Node("a", 1);
        node.Addresses[0] = address;
        node.Relay = isRelay;
        Assert.Equal(isOpen, SiteReach.IsOpen(node));
    }

    [Fact]
    public void Pairs_of_sites_without_an_open_node_are_named_and_no_others()
    {
        MeshDocument mesh = Mesh(
            [("cloud", "10.244.1.0/24", true), ("one", "10.244.5.0/24", false), ("two", "10.244.6.0/24", false)]);
        string sentence = Assert.Single(SiteReach.FindUnreachable(mesh));
        Assert.Contains("10.244.5.0/24 and 10.244.6.0/24", sentence, System.StringComparison.Ordinal);
    }

    [Fact]   // IPv4 and IPv6 entries of the same nodes are one site, and a site is no pair with itself
    public void Entries_that_share_a_node_are_one_site()
    {
        MeshDocument mesh = Mesh([("one", "10.244.5.0/24", false)]);
        mesh.EdgeCidr.Add(Prefix("fd00:5::/64"));
        mesh.Nodes[0].Prefixes.Add(Prefix("fd00:5::/80"));
        Assert.Empty(SiteReach.FindUnreachable(mesh));
        mesh.EdgeCidr.Add(Prefix("10.244.9.0/24")); // nobody lives there
        Assert.Empty(SiteReach.FindUnreachable(mesh));
    }

    [Fact]
    public void Many_pairs_are_summed_up()
    {
        MeshDocument mesh = Mesh([.. Enumerable.Range(0, 30).Select(i => ($"n{i:00}", $"10.244.{i}.0/24", false))]);
        IReadOnlyList<string> sentences = SiteReach.FindUnreachable(mesh);
        Assert.Equal(ControlLimits.ReportLinesMax, sentences.Count);
        Assert.Equal($"and {(30 * 29 / 2) - 63} more pairs of sites", sentences[^1]);
    }

    private static MeshDocument Mesh(IReadOnlyList<(string Name, string Prefix, bool IsOpen)> nodes)
    {
        var mesh = new MeshDocument { Generation = 1 };
        for (int i = 0; i < nodes.Count; i++)
        {
            MeshNode node = Node(nodes[i].Name, (byte)(i + 1), nodes[i].Prefix);
            node.Addresses[0] = nodes[i].IsOpen ? "/ip4/203.0.113.1/tcp/20006" : $"/ip4/10.0.0.{i + 1}/tcp/20006";
            mesh.Nodes.Add(node);
            mesh.EdgeCidr.Add(Prefix(nodes[i].Prefix));
        }

        MeshDocuments.Canonicalize(mesh);
        return mesh;
    }
}
