using System.Globalization;
using System.Text.Json.Nodes;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Shards;

namespace EdgeMesh.Perf.Scale;

/// <summary>What the agents of simulated nodes publish of themselves.</summary>
internal static class NodePublications
{
    /// <summary>The ConfigMap of a node, JSON.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="generation">The generation it says it has.</param>
    public static string ConfigMap(int node, ulong generation)
    {
        ClusterObject written = new NodePublication(
            ScalePlan.NodeName(node), ScalePlan.PeerIdOf(node),
            [$"/ip4/{ScalePlan.Underlay(node)}/tcp/{ScalePlan.ListenPort}"], ProductVersion.Text, generation, [],
            generation.ToString("x16", CultureInfo.InvariantCulture)).ToObject();
        var labels = new JsonObject();
        foreach ((string label, string value) in written.Labels)
        {
            labels[label] = value;
        }

        var data = new JsonObject();
        foreach ((string key, string text) in written.Data)
        {
            data[key] = text;
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = written.Name, ["labels"] = labels },
            ["data"] = data,
        }.ToJsonString();
    }

    /// <summary>The generation in an index.</summary>
    /// <param name="index">The ConfigMap's JSON; null: there is none.</param>
    /// <returns>0 if there is none.</returns>
    public static ulong GenerationOf(byte[]? index) =>
        index is not null
        && JsonNode.Parse(index)?["data"]?[ClusterNames.IndexKey]?.GetValue<string>() is { } text
        && MeshIndex.TryParse(text, out MeshIndex? read, out _)
            ? read.Generation : 0;
}
