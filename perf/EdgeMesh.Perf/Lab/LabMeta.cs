using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>What a report says about the labs.</summary>
internal static class LabMeta
{
    /// <summary>Adds to a report's meta what runs in the labs.</summary>
    public static async Task<ReportMeta> DescribeAsync(ReportMeta meta, IReadOnlyList<LabPath> paths)
    {
        string nodes = paths.Count == 0
            ? ""
            : paths[0].From.Node.Network.ReadFile("/proc/sys/net/ipv4/tcp_congestion_control").Trim();
        var versions = new Dictionary<string, string>();
        var backEnds = new Dictionary<string, string>();
        foreach (LabPath path in paths)
        {
            if (await path.Alternative.Plan.VersionAsync() is { Length: > 0 } version)
            {
                versions[path.Name] = version;
            }

            backEnds[path.Name] = await BackEndAsync(path.Alternative);
        }

        return meta with
        {
            Placement = "lab",
            Versions = versions,
            BackEnds = backEnds,
            CongestionControl = $"{LabTests.Congestion} of the flows, {nodes} of the nodes",
        };
    }

    private static async Task<string> BackEndAsync(LabAlternative alternative)
    {
        string mtu = string.Create(CultureInfo.InvariantCulture, $"pods' MTU {alternative.Plan.PodMtuBytes}");
        if (alternative.Mesh is not { } mesh)
        {
            return mtu;
        }

        try
        {
            CliView status = await mesh.Nodes[0].StatusAsync();
            IReadOnlyList<string> offloads = status.Texts("offloads");
            return
                $"{status.Text("io_backend")}, offloads {(offloads.Count == 0 ? "off" : string.Join(' ', offloads))}, "
                + $"workers {status.Text("workers")}, {mtu}";
        }
        catch (LabException failure)
        {
            return $"not known ({failure.Message.ReplaceLineEndings(" ")}), {mtu}"; // the others are measured anyway
        }
    }
}
