using System;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeMesh.Perf.Scale;

/// <summary>What the agents of simulated nodes have published of themselves.</summary>
internal static class NodePublications
{
    private const int HashDigits = 16;

    /// <summary>The ConfigMap of a node, JSON.</summary>
    public static string ConfigMap(int node)
    {
        string name = ScalePlan.NodeName(node);
        string content = new JsonObject
        {
            ["schema"] = 1,
            ["node"] = name,
            ["peerId"] = ScalePlan.PeerIdOf(node),
            ["addresses"] = new JsonArray($"/ip4/{ScalePlan.Underlay(node)}/tcp/{ScalePlan.ListenPort}"),
            ["version"] = ProductVersion.Text,
            ["generation"] = 0,
            ["problems"] = new JsonArray(),
        }.ToJsonString();
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"edgemesh-node-{Hash(name)}-{Hash(content)}",
                ["labels"] = new JsonObject
                {
                    ["app.kubernetes.io/part-of"] = "edgemesh",
                    ["edgemesh.io/kind"] = "node",
                },
            },
            ["data"] = new JsonObject { ["node.json"] = content },
        }.ToJsonString();
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];
}
