using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Alternatives;

/// <summary>The kernel's VXLAN between all nodes, with neighbours and forwarding entries written down.</summary>
internal static class VxlanTunnel
{
    private const string Link = "vxlan0";

    /// <summary>Builds the links and entries. No process comes of it: the kernel carries the packets.</summary>
    public static async Task<IReadOnlyList<LabProcess>> BuildAsync(LabNetwork lab)
    {
        foreach (LabNode node in lab.Nodes)
        {
            List<string> commands =
            [
                $"link add {Link} address {MacOf(node)} type vxlan id 42 dstport 4789 local {node.Plan.Underlay} " +
                    "dev underlay0 nolearning",
                $"link set {Link} mtu 1450 up",
                $"addr add {TunnelAddress.Of(node)}/{TunnelAddress.PrefixLength} dev {Link}",
            ];
            var entries = new List<string>();
            foreach (LabNode other in lab.Nodes.Where(other => other != node))
            {
                string far = TunnelAddress.Of(other);
                commands.Add($"neigh add {far} lladdr {MacOf(other)} dev {Link} nud permanent");
                commands.Add($"route add {other.Plan.Prefix4} via {far} dev {Link}");
                entries.Add($"fdb append {MacOf(other)} dev {Link} dst {other.Plan.Underlay}");
            }

            await BatchAsync("ip", node, commands);
            await BatchAsync("bridge", node, entries);
        }

        return [];
    }

    private static async Task BatchAsync(string program, LabNode node, List<string> commands) =>
        (await Command.RunAsync([program, "-n", node.Network.Name, "-batch", "-"], string.Join('\n', commands) + '\n'))
            .OrThrow();

    private static string MacOf(LabNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"02:00:00:00:00:{TunnelAddress.NumberOf(node):x2}");
}
