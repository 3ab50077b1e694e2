using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.SystemTests.Lanes;

/// <summary>A TCP connection between two dataplanes, as the kernel of one of them sees it.</summary>
/// <param name="Local">This node's end.</param>
/// <param name="Remote">The other node's end.</param>
/// <param name="BytesSent">Bytes this end sent, repetitions included.</param>
internal sealed record UnderlayConnection(IPEndPoint Local, IPEndPoint Remote, long BytesSent)
{
    /// <summary>Every established connection from one node to another, whoever dialed.</summary>
    public static async Task<IReadOnlyList<UnderlayConnection>> ListAsync(MeshNode from, MeshNode to)
    {
        CommandResult result = await from.Node.Network.RunAsync(
            "ss", "-tinHO", "state", "established", "dst", to.Node.Plan.Underlay.ToString());
        return
        [
            .. result.OrThrow().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)
                .Where(connection => connection.Local.Port == MeshNode.ListenPort
                    || connection.Remote.Port == MeshNode.ListenPort),
        ];
    }

    /// <summary>Breaks it: both ends get a reset.</summary>
    public async Task BreakAsync(MeshNode node)
    {
        CommandResult result = await node.Node.Network.RunAsync(
            "ss", "-K", "-tH", "src", $"{Local}", "dst", $"{Remote}");
        result.OrThrow();
    }

    // recv-q, send-q, local, remote, then words like bytes_sent:123
    private static UnderlayConnection Parse(string line)
    {
        const string Sent = "bytes_sent:";
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? sent = words.FirstOrDefault(word => word.StartsWith(Sent, StringComparison.Ordinal));
        return new UnderlayConnection(
            IPEndPoint.Parse(words[2]),
            IPEndPoint.Parse(words[3]),
            sent is null ? 0 : long.Parse(sent.AsSpan(Sent.Length), CultureInfo.InvariantCulture));
    }
}
