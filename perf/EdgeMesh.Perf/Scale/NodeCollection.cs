using System.Buffers;
using System.Globalization;
using EdgeMesh.Perf.Scale.Api;

namespace EdgeMesh.Perf.Scale;

/// <summary>The simulation's nodes; a kubelet writes its status anew each five minutes.</summary>
internal sealed class NodeCollection : ApiCollection
{
    private readonly VersionCounter _versions;
    private readonly long[] _byNode;
    private int _next;

    /// <summary>Makes all nodes.</summary>
    public NodeCollection(ScalePlan plan, VersionCounter versions)
    {
        _versions = versions;
        _byNode = new long[plan.Nodes];
        for (int node = 0; node < plan.Nodes; node++)
        {
            _byNode[node] = versions.Next();
        }
    }

    /// <inheritdoc/>
    public override string Kind => "Node";

    /// <inheritdoc/>
    public override string ApiVersion => "v1";

    /// <summary>The next node's kubelet writes its status.</summary>
    public void Touch()
    {
        int node = _next++ % _byNode.Length;
        _byNode[node] = _versions.Next();
        Log.Append("MODIFIED", Facts(node), _byNode[node], Json(node));
    }

    /// <inheritdoc/>
    public override void List(ObjectSelector selector, string from, ListPage page)
    {
        int node = int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out int start) ? start : 0;
        for (; node < _byNode.Length; node++)
        {
            if (!selector.Matches(Facts(node)))
            {
                continue;
            }

            if (page.IsFull)
            {
                page.Continue = node.ToString(CultureInfo.InvariantCulture);
                return;
            }

            NodeJson.Write(node, _byNode[node], page.Next());
        }
    }

    /// <inheritdoc/>
    public override byte[]? Get(string ns, string name)
    {
        int node = ScalePlan.NodeNumber(name);
        return node >= 0 && node < _byNode.Length ? Json(node) : null;
    }

    private static ObjectFacts Facts(int node) => new("", ScalePlan.NodeName(node));

    private byte[] Json(int node)
    {
        var json = new ArrayBufferWriter<byte>(8192);
        NodeJson.Write(node, _byNode[node], json);
        return json.WrittenSpan.ToArray();
    }
}
