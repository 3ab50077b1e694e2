using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using Xunit;

namespace EdgeMesh.SystemTests.Kernel;

/// <summary>
/// Pods' addresses against the masquerading of other CNIs. Counters after all NAT say which source a packet leaves
/// with.
/// </summary>
public sealed class SourceAddressTests
{
    private const string Counters = """
        table inet seen {
          chain post {
            type filter hook postrouting priority 300;
            oifname edge_tun0 ip saddr 10.244.1.7 ip daddr 10.244.5.9 counter comment "tun-own"
            oifname edge_tun0 ip saddr != 10.244.1.7 ip daddr 10.244.5.9 counter comment "tun-other"
            oifname edge_tun0 ip6 saddr fd00:1::7 ip6 daddr fd00:5::9 counter comment "tun6-own"
            oifname edge_tun0 ip6 saddr != fd00:1::7 ip6 daddr fd00:5::9 counter comment "tun6-other"
            oifname under0 ip saddr 192.0.2.1 ip daddr 192.0.2.2 counter comment "under-masqueraded"
            oifname under0 ip saddr 10.244.1.7 counter comment "under-own"
            oifname cni0 ip saddr 10.244.5.9 ip daddr 10.244.1.7 counter comment "pod-own"
            oifname cni0 ip saddr != 10.244.5.9 ip daddr 10.244.1.7 ip protocol udp counter comment "pod-other"
          }
        }
        """;

    [Theory]
    [InlineData("iptables-nft", "ip6tables-nft")]
    [InlineData("iptables-legacy", "ip6tables-legacy")]
    public async Task Masquerading_of_another_CNI_spares_the_tunnel_and_nothing_else(string iptables, string ip6tables)
    {
        Assert.SkipUnless(LabSupport.IsInstalled(iptables), $"{iptables} is not installed");
        await using ControlNode node = await ControlNode.UpAsync();
        await node.RunAsync($"nft -f - <<'X'\n{Counters}\nX");
        await node.RunAsync($"{iptables} -t nat -A POSTROUTING -s 10.244.1.0/24 ! -d 10.244.1.0/24 -j MASQUERADE; "
            + $"{iptables} -t nat -A POSTROUTING ! -s 10.244.1.0/24 -d 10.244.1.0/24 -j MASQUERADE; "
            + $"{ip6tables} -t nat -A POSTROUTING -s fd00:1::/64 ! -d fd00:1::/64 -j MASQUERADE");

        // First without us: routes made by hand, so the packets do go the same way.
        await node.RunAsync("ip link set edge_tun0 up; ip addr add 198.51.100.1/32 dev edge_tun0; ip addr add "
            + "fd00:99::1/128 dev edge_tun0 nodad; "
            + "ip route add 10.244.5.0/24 dev edge_tun0; ip -6 route add fd00:5::/64 dev edge_tun0");
        await SendFromPodAsync(node);
        await ExpectAsync(node, "tun-own", 0);
        await ExpectAsync(node, "tun-other", 1);
        await ExpectAsync(node, "tun6-own", 0);
        await ExpectAsync(node, "tun6-other", 1);
        await ExpectAsync(node, "under-masqueraded", 1);

        await node.RunAsync("ip route del 10.244.5.0/24; ip -6 route del fd00:5::/64");
        await node.StartAsync(ControlNode.Mesh());
        await SendFromPodAsync(node);
        await ExpectAsync(node, "tun-own", 1);
        await ExpectAsync(node, "tun-other", 1);
        await ExpectAsync(node, "tun6-own", 1);
        await ExpectAsync(node, "tun6-other", 1);
        await ExpectAsync(node, "under-masqueraded", 2);
        await ExpectAsync(node, "under-own", 0);
    }

    [Fact]
    public async Task Foreign_pods_keep_their_address_on_the_way_to_ours()
    {
        await using ControlNode node = await ControlNode.UpAsync();
        await node.RunAsync($"nft -f - <<'X'\n{Counters}\nX");
        await node.RunAsync("iptables -t nat -A POSTROUTING ! -s 10.244.1.0/24 -d 10.244.1.0/24 -j MASQUERADE");
        await node.StartAsync(ControlNode.Mesh());

        // A foreign address at the underlay's host stands for the far end of the tunnel: what matters is source and
        // destination.
        await node.RunInAsync("under", "ip addr add 10.244.5.9/32 dev lo");
        await node.RunAsync("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.under0.rp_filter=0");
        await node.RunInAsync("under", "ping -c1 -W1 -I 10.244.5.9 10.244.1.7 || true");
        await ExpectAsync(node, "pod-own", 1);
    }

    // One packet each, without waiting for answers that can't come.
    private static async Task SendFromPodAsync(ControlNode node) => await node.RunInAsync(
        "pod",
        "ping -c1 -W1 10.244.5.9 >/dev/null; ping -c1 -W1 fd00:5::9 >/dev/null; ping -c1 -W1 192.0.2.2 >/dev/null || "
            + "true");

    private static async Task ExpectAsync(ControlNode node, string counter, int packets) =>
        Assert.Matches(
            $"counter packets {packets} bytes \\d+ comment \"{counter}\"",
            (await node.RunAsync("nft list table inet seen")).Output);
}
