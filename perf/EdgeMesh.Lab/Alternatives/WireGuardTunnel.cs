using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Alternatives;

/// <summary>
/// WireGuard in user space between all nodes, each allowed the prefix of its pods, as network plugins do.
/// </summary>
internal static class WireGuardTunnel
{
    // Where wireguard-go puts its sockets; `wg` finds a link by the name of its socket, whatever the namespace.
    private const string SocketDirectory = "/run/wireguard";
    private const string Port = "51820";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<LabProcess>> StartAsync(LabNetwork lab)
    {
        var publicKeys = new Dictionary<LabNode, string>();
        foreach (LabNode node in lab.Nodes)
        {
            string key = (await Command.RunAsync(["wg", "genkey"])).OrThrow().Output.Trim();
            publicKeys[node] = (await Command.RunAsync(["wg", "pubkey"], key + "\n")).OrThrow().Output.Trim();
            File.WriteAllText(node.PathOf("wireguard.key"), key + "\n");
            File.SetUnixFileMode(node.PathOf("wireguard.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var processes = new List<LabProcess>();
        foreach (LabNode node in lab.Nodes)
        {
            processes.Add(await StartAsync(lab, node, publicKeys));
        }

        return processes;
    }

    private static async Task<LabProcess> StartAsync(
        LabNetwork lab, LabNode node, Dictionary<LabNode, string> publicKeys)
    {
        // Sockets of all namespaces share one directory: the lab's id keeps them apart, and its removal finds them.
        string link = string.Create(CultureInfo.InvariantCulture, $"wg{lab.Id}n{TunnelAddress.NumberOf(node)}");
        LabProcess process = node.Network.Start("wireguard-go", ["wireguard-go", "--foreground", link]);
        var clock = Stopwatch.StartNew();
        while (!File.Exists(Path.Combine(SocketDirectory, link + ".sock")))
        {
            if (clock.Elapsed > StartTimeout || !process.IsRunning)
            {
                throw new LabException($"wireguard-go does not come up on {node.Name}: {process.Output}{process.Log}");
            }

            await Task.Delay(20);
        }

        List<string> words = ["wg", "set", link, "private-key", node.PathOf("wireguard.key"), "listen-port", Port];
        var routes = new StringBuilder();
        foreach (LabNode other in lab.Nodes.Where(other => other != node))
        {
            words.AddRange(
            [
                "peer", publicKeys[other], "endpoint", $"{other.Plan.Underlay}:{Port}",
                "allowed-ips", $"{TunnelAddress.Of(other)}/32,{other.Plan.Prefix4},{other.Plan.Prefix6}",
            ]);
            routes.Append(CultureInfo.InvariantCulture, $"route add {other.Plan.Prefix4} dev {link}\n");
            routes.Append(CultureInfo.InvariantCulture, $"route add {other.Plan.Prefix6} dev {link}\n");
        }

        (await node.Network.RunAsync([.. words])).OrThrow();
        string address = $"addr add {TunnelAddress.Of(node)}/32 dev {link}\nlink set {link} mtu 1420 up\n";
        (await Command.RunAsync(["ip", "-n", node.Network.Name, "-batch", "-"], address + routes)).OrThrow();
        return process;
    }
}
