using System;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.SystemTests.Kernel;

/// <summary>Routes, link and table of the control process: made, changed, put back, left alone, removed.</summary>
public sealed class KernelObjectTests
{
    private const string OurRoutes = "ip route show proto 141; ip -6 route show proto 141";

    [Fact]
    public async Task Every_entry_of_another_site_is_routed_into_the_TUN()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.StartAsync(ControlNode.Mesh());
        Assert.Equal(
            ["10.244.5.0/24", "10.244.6.0/24", "fd00:5::/64"],
            (await node.RunAsync(OurRoutes)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ')[0]));
        Assert.Contains("alias edgemesh-dataplane", (await node.RunAsync("ip link show edge_tun0")).Output);
        Assert.Contains("UP", (await node.RunAsync("ip link show edge_tun0")).Output);
        Assert.Equal(
            "2\n1\n1\n",
            (await node.RunAsync("cd /proc/sys/net; cat ipv4/conf/edge_tun0/rp_filter ipv4/conf/edge_tun0/forwarding "
                + "ipv6/conf/edge_tun0/forwarding"))
                .Output);
        Assert.DoesNotContain("kernel_problem", node.Log);
    }

    [Fact]
    public async Task An_edited_file_is_in_the_kernel_in_less_than_a_second()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.StartAsync(ControlNode.Mesh());
        node.WriteMesh(ControlNode.Mesh("edgeCIDR: [10.244.6.0/24, 10.244.7.0/24]"));
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await node.UntilAsync(OurRoutes,
            output => output.Contains("10.244.7.0/24") && !output.Contains("10.244.5.0/24"));
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await node.UntilAsync("nft list table inet edgemesh",
            output => output.Contains("10.244.7.0/24") && !output.Contains("10.244.5.0/24"));
    }

    [Fact]
    public async Task A_bad_file_changes_nothing()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.StartAsync(ControlNode.Mesh());
        string before = await node.DumpAsync();
        node.WriteMesh(ControlNode.Mesh("edgeCIDR: [10.244.5.0/24, 10.244.6.1/24]"));
        await node.LoggedAsync("mesh.yaml:4:27: an entry of edgeCIDR: '10.244.6.1/24' has bits set after its "
            + "length: write 10.244.6.0/24");
        Assert.Equal(before, await node.DumpAsync());
    }

    [Theory]
    [InlineData("ip route flush proto 141")]
    [InlineData("ip -6 route flush proto 141")]
    [InlineData("ip route del 10.244.6.0/24")]
    [InlineData("ip link set edge_tun0 down")]
    [InlineData("ip link set edge_tun0 alias ''")]
    [InlineData("sysctl -qw net.ipv4.conf.edge_tun0.rp_filter=1 net.ipv4.conf.edge_tun0.forwarding=0")]
    [InlineData("nft flush ruleset")]
    [InlineData("nft delete table inet edgemesh")]
    [InlineData("nft flush chain inet edgemesh keep_source")]
    [InlineData("nft delete element inet edgemesh foreign4 '{ 10.244.6.0/24 }'")]
    [InlineData("nft add rule inet edgemesh keep_source counter drop")]
    public async Task What_somebody_spoiled_is_put_back(string command)
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.StartAsync(ControlNode.Mesh());
        const string look = "cat /proc/sys/net/ipv4/conf/edge_tun0/*; ip route; ip -6 route show proto 141; ip link "
            + "show edge_tun0; nft -s list ruleset";
        string before = (await node.RunAsync(look)).Output;
        await node.RunAsync(command);
        await node.UntilAsync(look, output => output == before);
        await node.LoggedAsync("done=restored");
    }

    [Fact]
    public async Task A_link_that_comes_late_or_anew_gets_its_routes()
    {
        await using ControlNode node = await ControlNode.UpAsync(hasTun: false);
        await node.StartAsync(ControlNode.Mesh());
        await node.LoggedAsync("kernel_waits_for_link");
        Assert.Equal("", (await node.RunAsync(OurRoutes)).Output);
        for (int i = 0; i < 2; i++)
        {
            await node.AddTunAsync();
            await node.UntilAsync(OurRoutes, output => output.Split('\n').Length == 4);
            await node.RunAsync("ip link del edge_tun0");
            await node.UntilAsync(OurRoutes, output => output.Length == 0);
        }
    }

    [Theory]
    [InlineData("ip link add edge_tun0 type bridge", "is of kind 'bridge'")]
    [InlineData("ip tuntap add edge_tun0 mode tun; ip link set edge_tun0 alias other-vpn", "has the alias 'other-vpn'")]
    public async Task A_link_of_somebody_else_is_never_touched(string make, string problem)
    {
        await using ControlNode node = await ControlNode.UpAsync(hasTun: false);
        await node.RunAsync(make);
        string before = (await node.RunAsync("ip -d link show edge_tun0; ip route")).Output;
        node.WriteMesh(ControlNode.Mesh());
        node.Start();
        await node.LoggedAsync(problem);
        Assert.Equal(before, (await node.RunAsync("ip -d link show edge_tun0; ip route")).Output);
        await node.StopAsync();
        CommandResult cleanup = await node.CleanupAsync();
        Assert.Equal(1, cleanup.ExitCode);
        Assert.Contains("somebody else's", cleanup.ErrorOutput);
        Assert.Equal(before, (await node.RunAsync("ip -d link show edge_tun0; ip route")).Output);
    }

    [Fact]
    public async Task A_route_of_somebody_else_stays_and_is_told()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.RunAsync("ip route add 10.244.5.0/24 via 192.0.2.2");
        await node.StartAsync(ControlNode.Mesh());
        await node.LoggedAsync("adding the route 10.244.5.0/24 failed: it exists already");
        Assert.Contains("10.244.5.0/24 via 192.0.2.2", (await node.RunAsync("ip route")).Output);
        Assert.Contains("10.244.6.0/24 dev edge_tun0 proto 141", (await node.RunAsync("ip route")).Output);
        await node.RunAsync("ip route del 10.244.5.0/24 via 192.0.2.2");
        await node.UntilAsync("ip route", output => output.Contains("10.244.5.0/24 dev edge_tun0 proto 141"));
        await node.LoggedAsync("kernel_problem_solved");
    }

    [Theory]
    [InlineData("ip route add default via 192.0.2.77", "edgeCIDR: [192.0.2.64/26, 10.244.6.0/24]",
        "192.0.2.77 in it is this node's default gateway")]
    [InlineData("ip addr add 10.200.0.9/16 dev under0", "edgeCIDR: [10.200.0.0/16, 10.244.6.0/24]",
        "10.200.0.9 in it is this node's own address on under0")]
    public async Task What_the_node_itself_depends_on_is_not_routed(string prepare, string cidrs, string problem)
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.RunAsync(prepare);
        await node.StartAsync(ControlNode.Mesh(cidrs));
        await node.LoggedAsync(problem);
        await node.UntilAsync(OurRoutes,
            output => output.StartsWith("10.244.6.0/24", StringComparison.Ordinal) && output.Split('\n').Length == 2);
        Assert.DoesNotContain("192.0.2.64", (await node.RunAsync("nft list table inet edgemesh")).Output);
    }

    [Fact]
    public async Task Closed_forwarding_is_told_with_its_remedy()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.RunAsync("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0");
        await node.StartAsync(ControlNode.Mesh());
        await node.LoggedAsync("sysctl -w net.ipv4.ip_forward=1");
        await node.LoggedAsync("sysctl -w net.ipv6.conf.all.forwarding=1");
        Assert.Equal("0\n", (await node.RunAsync("sysctl -n net.ipv4.ip_forward")).Output);
    }

    [Fact]
    public async Task A_missing_nft_is_told_and_stops_nothing_else()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        node.WriteMesh(ControlNode.Mesh());
        node.Start("exec unshare -m /bin/sh -c 'mount --bind /dev/null $(readlink -f /usr/sbin/nft); exec \"$@\"' x");
        await node.LoggedAsync("install the nftables package");
        await node.UntilAsync(OurRoutes, output => output.Contains("10.244.6.0/24"));
    }

    [Fact]
    public async Task Without_networks_nothing_on_the_node_is_touched()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        string before = await node.DumpAsync();
        node.WriteMesh(ControlNode.Mesh("").Replace("cloudCIDR: [10.244.1.0/24, 'fd00:1::/64']", ""));
        node.Start();
        await node.LoggedAsync("mesh_taken");
        await Task.Delay(TimeSpan.FromSeconds(3)); // longer than one pass of the reconciler
        Assert.Equal(before, await node.DumpAsync());
    }

    [Fact]
    public async Task Networks_taken_away_take_routes_and_table_with_them()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.StartAsync(ControlNode.Mesh());
        node.WriteMesh(ControlNode.Mesh("").Replace("cloudCIDR: [10.244.1.0/24, 'fd00:1::/64']", ""));
        await node.UntilAsync($"{OurRoutes}; nft list tables", output => output.Length == 0);
    }

    [Fact]
    public async Task Ending_takes_less_than_two_seconds_and_leaves_the_kernel_as_it_is()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.StartAsync(ControlNode.Mesh());
        string before = await node.DumpAsync();
        (int exitCode, TimeSpan time) = await node.StopAsync();
        Assert.Equal(0, exitCode);
        Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(before, await node.DumpAsync());
    }

    [Fact]
    public async Task Cleanup_of_a_node_that_never_had_us_does_nothing()
    {
        await using ControlNode node = await ControlNode.UpAsync(hasTun: false);
        await node.RunAsync("ip link del cni0; ip link del under0; ip link set lo down");
        string before = await node.DumpAsync();
        CommandResult cleanup = await node.CleanupAsync();
        Assert.True(cleanup.IsSuccess, cleanup.ErrorOutput);
        Assert.Equal(before, await node.DumpAsync());
    }

    [Fact]
    public async Task Cleanup_removes_what_is_ours_and_nothing_else()
    {
        await using ControlNode node = await ControlNode.UpAsync(hasTun: false);
        await node.RunAsync("ip route add 10.50.0.0/16 via 192.0.2.2 proto 142; "
            + "nft add table inet other; nft add chain inet other edgemesh; "
            + "ip tuntap add other_tun mode tun; ip link set other_tun up alias not-edgemesh; "
            + "ip route add 10.51.0.0/16 dev other_tun");
        await node.RunAsync("iptables -t nat -A POSTROUTING -s 10.244.1.0/24 -j MASQUERADE");
        string before = await node.DumpAsync();
        await node.AddTunAsync();
        await node.StartAsync(ControlNode.Mesh());
        await node.UntilAsync(OurRoutes, output => output.Contains("fd00:5::/64"));
        Assert.NotEqual(before, await node.DumpAsync());
        await node.StopAsync();
        for (int i = 0; i < 2; i++)
        {
            CommandResult cleanup = await node.CleanupAsync();
            Assert.True(cleanup.IsSuccess, cleanup.ErrorOutput);
            Assert.Equal(before, await node.DumpAsync());
        }
    }
}
