using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Alternatives;

/// <summary>
/// Nebula between all nodes: a certificate authority of the lab's own, certificates that name each node's pods'
/// prefix, and routes to the others' prefixes. IPv4 only: this version knows no other.
/// </summary>
internal static class NebulaTunnel
{
    /// <summary>
    /// The most that fits an underlay of 1500 bytes, which favours it: 20 IPv4, 8 UDP, 16 header, 16 tag. Its own
    /// default is 1300.
    /// </summary>
    public const int MtuBytes = 1440;

    private const int Port = 4242;

    public static async Task<IReadOnlyList<LabProcess>> StartAsync(LabNetwork lab)
    {
        string authority = Path.Combine(lab.Directory, "nebula-ca");
        (await Command.RunAsync(
            ["nebula-cert", "ca", "-name", "lab", "-out-crt", authority + ".crt", "-out-key", authority + ".key"]))
            .OrThrow();
        foreach (LabNode node in lab.Nodes)
        {
            (await Command.RunAsync(
                [
                    "nebula-cert", "sign", "-name", node.Name,
                    "-ip", $"{TunnelAddress.Of(node)}/{TunnelAddress.PrefixLength}",
                    "-subnets", node.Plan.Prefix4.ToString(),
                    "-ca-crt", authority + ".crt", "-ca-key", authority + ".key",
                    "-out-crt", node.PathOf("nebula.crt"), "-out-key", node.PathOf("nebula.key"),
                ])).OrThrow();
            File.WriteAllText(node.PathOf("nebula.yaml"), Configuration(lab, node, authority + ".crt"));
        }

        return
        [
            .. lab.Nodes.Select(node =>
                node.Network.Start("nebula", ["nebula", "-config", node.PathOf("nebula.yaml")])),
        ];
    }

    private static string Configuration(LabNetwork lab, LabNode node, string authority)
    {
        LabNode[] others = [.. lab.Nodes.Where(other => other != node)];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            pki: { ca: {{authority}}, cert: {{node.PathOf("nebula.crt")}}, key: {{node.PathOf("nebula.key")}} }
            listen: { host: {{node.Plan.Underlay}}, port: {{Port}} }
            lighthouse: { am_lighthouse: false, hosts: [] }
            punchy: { punch: false }
            logging: { level: warning, format: text }
            firewall:
              outbound: [ { port: any, proto: any, host: any } ]
              inbound: [ { port: any, proto: any, host: any } ]
            static_host_map:

            """);
        foreach (LabNode other in others)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  \"{TunnelAddress.Of(other)}\": [\"{other.Plan.Underlay}:{Port}\"]\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"tun:\n  dev: nebula1\n  mtu: {MtuBytes}\n  unsafe_routes:\n");
        foreach (LabNode other in others)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"    - {{ route: {other.Plan.Prefix4}, via: {TunnelAddress.Of(other)}, mtu: {MtuBytes} }}\n");
        }

        return text.ToString();
    }
}
