using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>The cluster's network namespaces and links, as <see cref="ClusterPlan"/> draws them.</summary>
public sealed class ClusterNetwork
{
    private const string UnderlayRole = "underlay";
    private readonly Dictionary<string, LabNamespace> _spaces = [];
    private readonly string _id;
    private readonly string _logDirectory;

    internal ClusterNetwork(string id, string logDirectory)
    {
        _id = id;
        _logDirectory = logDirectory;
    }

    /// <summary>The namespace of that role.</summary>
    public LabNamespace this[string role] => _spaces[role];

    /// <summary>The roles of all namespaces.</summary>
    public IEnumerable<string> Roles => _spaces.Keys;

    internal async Task BuildAsync()
    {
        LabNamespace underlay = await AddAsync(UnderlayRole);
        await IpAsync(underlay, ["link add underlay type bridge forward_delay 0", "link set underlay up"]);
        await AttachAsync(await AddAsync(ClusterPlan.ControlRole), ClusterPlan.ControlAddress);
        foreach (ClusterNodePlan node in ClusterPlan.Nodes)
        {
            if (node.IsEdge)
            {
                await BuildRouterAsync(node);
            }

            await BuildNodeAsync(node);
        }

        List<string> routes = [.. ClusterPlan.Nodes.Where(node => node.IsEdge).Select(RouteToSite)];
        await IpAsync(this[ClusterPlan.ControlRole], routes);
        await IpAsync(
            this[ClusterPlan.ControlRole], [$"route add {ClusterPlan.CloudPublicAddress} via 10.55.0.1"]);
        ClusterNodePlan edgeA = ClusterPlan.Nodes[1];
        await IpAsync(this[ClusterPlan.RouterOf(ClusterPlan.Nodes[2])], [RouteToSite(edgeA)]);
        await OpenEdgeLinkAsync();
    }

    /// <summary>From now on edge-b may dial edge-a's mesh port.</summary>
    public Task OpenEdgeLinkAsync() => NftAsync("router-a", "add element ip lab dialers { 10.55.0.6 }");

    /// <summary>From now on edge-b and edge-a can't dial each other; open connections between them are cut.</summary>
    public Task CloseEdgeLinkAsync() => NftAsync("router-a", "delete element ip lab dialers { 10.55.0.6 }");

    /// <summary>Takes a node's cable away, or puts it back; no one is told.</summary>
    /// <param name="node">Whose.</param>
    /// <param name="isPlugged">Whether it is there from now on.</param>
    public async Task PlugAsync(ClusterNodePlan node, bool isPlugged)
    {
        LabNamespace neighbour = _spaces[node.IsEdge ? ClusterPlan.RouterOf(node) : UnderlayRole];
        string port = node.IsEdge ? "inside0" : node.Role;
        (await neighbour.RunAsync("ip", "link", "set", port, isPlugged ? "up" : "down")).OrThrow();
    }

    /// <summary>Makes a node's namespace again, as empty as after a reboot.</summary>
    internal async Task RebuildNodeAsync(ClusterNodePlan node)
    {
        (await Command.RunAsync(["ip", "netns", "del", this[node.Role].Name])).OrThrow();
        LabNamespace neighbour = _spaces[node.IsEdge ? ClusterPlan.RouterOf(node) : UnderlayRole];
        string port = node.IsEdge ? "inside0" : node.Role;
        // The kernel removes a dead namespace's links a moment later.
        for (int i = 0; i < 100; i++)
        {
            if (!(await neighbour.RunAsync("ip", "link", "show", port)).IsSuccess)
            {
                break;
            }

            await Task.Delay(50);
        }

        await BuildNodeAsync(node);
    }

    private static string RouteToSite(ClusterNodePlan node) => string.Create(
        CultureInfo.InvariantCulture,
        $"route add {node.Underlay}/32 via {ClusterPlan.RouterAddress(node)}");

    private async Task BuildRouterAsync(ClusterNodePlan node)
    {
        string role = ClusterPlan.RouterOf(node);
        await AttachAsync(await AddAsync(role), ClusterPlan.RouterAddress(node));
        await IpAsync(this[role], [$"route add {ClusterPlan.CloudPublicAddress} via 10.55.0.1"]);
        (await this[role].RunAsync(["nft", "-f", "-"], RouterRules(node), null)).OrThrow();
    }

    private async Task BuildNodeAsync(ClusterNodePlan node)
    {
        LabNamespace space = await AddAsync(node.Role);
        if (node.IsEdge)
        {
            LabNamespace router = this[ClusterPlan.RouterOf(node)];
            await IpAsync(
                router,
                [
                    $"link add inside0 type veth peer name underlay0 netns {space.Name}",
                    "link set inside0 up",
                    $"addr add {node.Gateway}/24 dev inside0",
                ]);
            await IpAsync(space, ["link set underlay0 up", $"addr add {node.Underlay}/24 dev underlay0"]);
        }
        else
        {
            await AttachAsync(space, node.Underlay.ToString());
            await IpAsync(space, [$"addr add {ClusterPlan.CloudPublicAddress}/32 dev underlay0"]);
        }

        await IpAsync(space, [$"route add default via {node.Gateway}"]);
        (await space.RunAsync(["nft", "-f", "-"], ServiceRules, null)).OrThrow();
    }

    private async Task<LabNamespace> AddAsync(string role)
    {
        var space = new LabNamespace(role, "em" + _id + "-" + role, _logDirectory);
        _spaces[role] = space;
        (await Command.RunAsync(["ip", "netns", "add", space.Name])).OrThrow();
        space.WriteFile("/proc/sys/net/ipv4/ip_forward", "1");
        space.WriteFile("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        space.WriteFile("/proc/sys/net/ipv6/conf/all/accept_dad", "0");
        space.WriteFile("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
        await IpAsync(space, ["link set lo up"]);
        return space;
    }

    private async Task AttachAsync(LabNamespace space, string address)
    {
        await IpAsync(
            _spaces[UnderlayRole],
            [
                $"link add {space.Role} type veth peer name underlay0 netns {space.Name}",
                $"link set {space.Role} master underlay up",
            ]);
        await IpAsync(space, ["link set underlay0 up", $"addr add {address}/24 dev underlay0"]);
    }

    private static async Task IpAsync(LabNamespace space, IReadOnlyList<string> commands) =>
        (await Command.RunAsync(["ip", "-n", space.Name, "-batch", "-"], string.Join('\n', commands) + "\n"))
        .OrThrow();

    private async Task NftAsync(string role, string command) =>
        (await this[role].RunAsync(["nft", "-f", "-"], command + "\n", null)).OrThrow();

    private static string RouterRules(ClusterNodePlan node) => $$"""
        table ip lab {
          set dialers { type ipv4_addr; }
          chain forward {
            type filter hook forward priority 0; policy drop;
            iifname "underlay0" ct direction original tcp dport {{ClusterPlan.MeshPort}} ip saddr != @dialers drop
            ct state established,related accept
            iifname "underlay0" tcp dport {{ClusterPlan.MeshPort}} accept
            ip saddr {{ClusterPlan.ControlAddress}} ip daddr {{node.Underlay}} tcp dport 10250 accept
            iifname "inside0" accept
          }
          chain postrouting {
            type nat hook postrouting priority 100;
            oifname "underlay0" masquerade
          }
        }
        """;

    private static string ServiceRules { get; } = $$"""
        table ip lab-services {
          chain out { type nat hook output priority -100; jump services; }
          chain in { type nat hook prerouting priority -100; jump services; }
          chain services {
            ip daddr {{ClusterPlan.ApiServiceAddress}} tcp dport 443 \
              dnat to {{ClusterPlan.ControlAddress}}:{{ClusterPlan.RelayPort}}
          }
        }
        """;
}
