using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Lab.Topologies;

namespace EdgeMesh.Lab.Networks;

/// <summary>
/// A node: a namespace with an underlay link (<c>underlay0</c>) and a bridge for its pods (<c>cni0</c>).
/// </summary>
public sealed class LabNode
{
    private readonly List<LabPod> _pods = [];

    internal LabNode(NodePlan plan, LabNamespace network, string directory)
    {
        Plan = plan;
        Network = network;
        Directory = directory;
        System.IO.Directory.CreateDirectory(directory);
    }

    /// <summary>What was asked for.</summary>
    public NodePlan Plan { get; }

    /// <summary>Its namespace.</summary>
    public LabNamespace Network { get; }

    /// <summary>Its own disk: state, socket, mesh file.</summary>
    public string Directory { get; }

    /// <summary>Its name.</summary>
    public string Name => Plan.Name;

    /// <summary>Its pods.</summary>
    public IReadOnlyList<LabPod> Pods => _pods;

    internal void Add(LabPod pod) => _pods.Add(pod);

    /// <summary>Loses a share of the packets that come in from the underlay; 0 ends it.</summary>
    /// <param name="perMille">Packets of a thousand to lose.</param>
    public async Task LoseAsync(int perMille)
    {
        string rules = "table inet lab\ndelete table inet lab\n";
        if (perMille > 0)
        {
            rules += string.Create(CultureInfo.InvariantCulture, $$"""
                table inet lab {
                  chain loss {
                    type filter hook prerouting priority raw - 10;
                    iifname "underlay0" numgen random mod 1000 < {{perMille}} drop
                  }
                }
                """);
        }

        (await Network.RunAsync(["nft", "-f", "-"], rules, timeout: null)).OrThrow();
    }

    /// <summary>A path on the node's disk.</summary>
    public string PathOf(string name) => Path.Combine(Directory, name);
}
