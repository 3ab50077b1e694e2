using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;

namespace EdgeMesh.Lab.Networks;

/// <summary>Makes a lab's namespaces, links, addresses and routes.</summary>
/// <remarks>
/// <code>
///  pod: eth0 --- node: cni0 (bridge), underlay0 --- underlay: bridge "underlay"
/// </code>
/// The underlay is one bridge. A NAT between a site and the underlay would be a namespace between a node's underlay0
/// and the bridge: <see cref="AttachAsync"/> is the only place that joins the two.
/// </remarks>
internal sealed class LabBuilder(LabNetwork lab)
{
    public const string UnderlayRole = "underlay";

    private const int UnderlayPrefixLength = 24;

    public async Task BuildAsync()
    {
        await IpAsync(null, lab.Namespaces.Values.Select(space => "netns add " + space.Name));
        foreach (LabNamespace space in lab.Namespaces.Values)
        {
            SetKernelDefaults(space);
        }

        await IpAsync(
            Underlay, ["link set lo up", "link add underlay type bridge forward_delay 0", "link set underlay up"]);
        foreach (HostPlan host in lab.Topology.Hosts)
        {
            await AttachAsync(lab.Host(host.Name), host.Address.ToString());
        }

        foreach (LabNode node in lab.Nodes)
        {
            await AttachAsync(node.Network, node.Plan.Underlay.ToString());
            await BuildNodeAsync(node);
        }

        foreach (LabNode node in lab.Nodes)
        {
            await RouteAsync(node);
        }
    }

    private LabNamespace Underlay => lab.Namespaces[UnderlayRole];

    private async Task AttachAsync(LabNamespace space, string address)
    {
        int mtu = lab.Options.UnderlayMtuBytes;
        await IpAsync(Underlay,
        [
            $"link add {space.Role} mtu {Text(mtu)} type veth peer name underlay0 mtu {Text(mtu)} netns {space.Name}",
            $"link set {space.Role} master underlay up",
        ]);
        await IpAsync(space,
        [
            "link set lo up",
            "link set underlay0 up",
            $"addr add {address}/{Text(UnderlayPrefixLength)} dev underlay0",
            $"addr add fd99::{address[(address.LastIndexOf('.') + 1)..]}/64 dev underlay0 nodad",
        ]);
    }

    private async Task BuildNodeAsync(LabNode node)
    {
        string mtu = Text(lab.Options.PodMtuBytes);
        List<string> commands =
        [
            "link add cni0 type bridge forward_delay 0",
            "link set cni0 up",
            $"addr add {node.Plan.Gateway4}/{Text(node.Plan.Prefix4.PrefixLength)} dev cni0",
            $"addr add {node.Plan.Gateway6}/{Text(node.Plan.Prefix6.PrefixLength)} dev cni0 nodad",
        ];
        for (int i = 0; i < node.Pods.Count; i++)
        {
            string port = "pod" + Text(i + 1);
            commands.Add(
                $"link add {port} mtu {mtu} type veth peer name eth0 mtu {mtu} netns {node.Pods[i].Network.Name}");
            commands.Add($"link set {port} master cni0 up");
        }

        await IpAsync(node.Network, commands);
        foreach (LabPod pod in node.Pods)
        {
            await IpAsync(pod.Network,
            [
                "link set lo up",
                "link set eth0 up",
                $"addr add {pod.Plan.Address4}/{Text(node.Plan.Prefix4.PrefixLength)} dev eth0",
                $"addr add {pod.Plan.Address6}/{Text(node.Plan.Prefix6.PrefixLength)} dev eth0 nodad",
                $"route add default via {node.Plan.Gateway4}",
                $"route add default via {node.Plan.Gateway6}",
            ]);
        }
    }

    // Inside a site, and everywhere in a plain lab, the kernel's routes do what a cloud's own network would do.
    private async Task RouteAsync(LabNode node)
    {
        var commands = new List<string>();
        foreach (LabNode other in lab.Nodes)
        {
            if (other != node && (lab.Options.IsPlainRouting || other.Plan.Site == node.Plan.Site))
            {
                string underlay = other.Plan.Underlay.ToString();
                commands.Add($"route add {other.Plan.Prefix4} via {underlay}");
                commands.Add($"route add {other.Plan.Prefix6} via fd99::{underlay[(underlay.LastIndexOf('.') + 1)..]}");
            }
        }

        await IpAsync(node.Network, commands);
    }

    private static void SetKernelDefaults(LabNamespace space)
    {
        space.Inside(() =>
        {
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/accept_dad", "0");
            File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0");

            // What most machines have, whatever this one has; a namespace may only take what the machine allows.
            if (File.ReadAllText("/proc/sys/net/ipv4/tcp_allowed_congestion_control").Contains("cubic"))
            {
                File.WriteAllText("/proc/sys/net/ipv4/tcp_congestion_control", "cubic");
            }

            return true;
        });
    }

    private static async Task IpAsync(LabNamespace? space, IEnumerable<string> commands)
    {
        var script = new StringBuilder();
        foreach (string command in commands)
        {
            script.Append(command).Append('\n');
        }

        if (script.Length > 0)
        {
            List<string> words = space is null ? ["ip", "-batch", "-"] : ["ip", "-n", space.Name, "-batch", "-"];
            (await Command.RunAsync(words, script.ToString())).OrThrow();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
