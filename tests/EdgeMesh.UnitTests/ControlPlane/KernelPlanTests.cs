using System.Collections.Generic;
using System.Linq;
using System.Net;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Kernel;
using Xunit;
using static EdgeMesh.UnitTests.ControlChannel.SampleMeshes;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class KernelPlanTests
{
    [Fact]
    public void Entries_that_contain_a_prefix_of_the_node_are_its_own_site()
    {
        KernelPlan plan = Plan("cloud", Node("cloud", 1, "10.244.1.0/25", "10.244.1.128/26", "fd00:1::/80"));
        Assert.Equal(["10.244.5.0/24", "10.244.6.0/24", "fd00:5::/64"],
            plan.Foreign.Select(network => network.ToString()));
        Assert.Equal(["10.244.1.0/24", "fd00:1::/64"], plan.Own.Select(network => network.ToString()));
    }

    [Fact]
    public void A_new_pods_address_changes_nothing_within_its_sites_entry()
    {
        KernelPlan before = Plan("edge", Node("edge", 1, "10.244.5.7/32"));
        KernelPlan after = Plan("edge", Node("edge", 1, "10.244.5.7/32", "10.244.5.8/32"));
        Assert.Equal(["10.244.5.0/24"], before.Own.Select(network => network.ToString()));
        Assert.Equal(before.Own, after.Own);
    }

    [Fact]
    public void A_prefix_in_no_entry_is_its_own() =>
        Assert.Equal(["10.9.0.0/24", "10.244.5.0/24"],
            Plan("edge", Node("edge", 1, "10.244.5.7/32", "10.9.0.0/24")).Own.Select(network => network.ToString()));

    [Fact]
    public void A_family_without_prefixes_is_left_alone() =>
        Assert.Equal(["10.244.1.0/24", "10.244.6.0/24"],
            Plan("edge", Node("edge", 1, "10.244.5.0/24")).Foreign.Select(network => network.ToString()));

    [Fact]
    public void A_prefix_equal_to_its_entry_is_in_it() =>
        Assert.DoesNotContain(IPNetwork.Parse("10.244.5.0/24"), Plan("edge", Node("edge", 1, "10.244.5.0/24")).Foreign);

    [Fact]
    public void Nothing_is_asked_without_CIDRs_without_prefixes_or_without_the_node()
    {
        Assert.True(Plan("relay", Node("relay", 1)).IsEmpty);
        Assert.True(Plan("x", Node("edge", 1, "10.244.5.0/24")).IsEmpty);
        Assert.True(KernelPlan.From(new MeshDocument { Nodes = { Node("edge", 1, "10.244.5.0/24") } }, "edge").IsEmpty);
        Assert.True(KernelPlan.Empty.IsEmpty);
    }

    [Fact]
    public void Prefixes_inside_others_are_left_out() =>
        Assert.Equal(["10.244.5.0/24"],
            Plan("edge", Node("edge", 1, "10.244.5.0/24", "10.244.5.7/32", "10.244.5.128/25")).Own.Select(network =>
                network.ToString()));

    [Fact]
    public void The_table_keeps_the_source_both_ways_and_per_family()
    {
        string script = NftablesScript.Write(Plan("edge", Node("edge", 1, "10.244.5.0/24")));
        Assert.Equal("""
            add table inet edgemesh
            delete table inet edgemesh
            table inet edgemesh {
              set own4 { type ipv4_addr; flags interval; elements = { 10.244.5.0/24 } }
              set foreign4 { type ipv4_addr; flags interval; elements = { 10.244.1.0/24, 10.244.6.0/24 } }
              chain keep_source {
                type nat hook postrouting priority srcnat - 10; policy accept;
                ip saddr @own4 ip daddr @foreign4 snat ip to ip saddr
                ip saddr @foreign4 ip daddr @own4 snat ip to ip saddr
              }
            }

            """, script);
        Assert.Contains("ip6 saddr @own6 ip6 daddr @foreign6",
            NftablesScript.Write(Plan("c", Node("c", 1, "fd00:1::/64"))));
    }

    [Theory]
    [InlineData("10.244.6.9", true)]
    [InlineData("10.244.7.9", false)]
    [InlineData("10.244.1.1", false)] // in the own site: that is what bridges have
    [InlineData("fd00:5::1", true)]
    public void A_network_the_node_itself_depends_on_is_not_routed(string address, bool isRefused)
    {
        KernelPlan plan = Plan("cloud", Node("cloud", 1, "10.244.1.0/24", "fd00:1::/64"));
        var paths = new HostPaths([(IPAddress.Parse(address), "this node's default gateway")]);
        IReadOnlyList<(IPNetwork Network, string Problem)> refused = paths.Refuse(plan);
        Assert.Equal(isRefused, refused.Count == 1);
        if (isRefused)
        {
            Assert.Contains($"because {address} in it is this node's default gateway", refused[0].Problem);
            Assert.DoesNotContain(refused[0].Network,
                plan.Without(new HashSet<IPNetwork> { refused[0].Network }).Foreign);
        }
    }

    [Fact]
    public void Name_servers_are_found() =>
        Assert.Equal(["192.0.2.53", "fe80::1", "2001:db8::53"], HostPaths.ParseNameServers(
            "# nameserver 1.1.1.1\nnameserver 192.0.2.53\r\n\tnameserver  fe80::1%eth0 # x\nsearch "
                + "nameserver\nnameserver\nnameserver x\nnameserver 2001:db8::53")
            .Select(server => server.ToString()));

    private static KernelPlan Plan(string self, params MeshNode[] nodes)
    {
        MeshDocument document = Document(1, nodes);
        document.CloudCidr.Add(Prefix("fd00:1::/64"));
        document.EdgeCidr.Add(Prefix("10.244.6.0/24"));
        document.EdgeCidr.Add(Prefix("fd00:5::/64"));
        return KernelPlan.From(document, self);
    }
}
