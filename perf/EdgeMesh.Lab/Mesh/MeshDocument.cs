using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace EdgeMesh.Lab.Mesh;

/// <summary>The content of a <c>mesh.yaml</c>. Immutable; edits are copies.</summary>
/// <param name="CloudPrefixes"><c>cloudCIDR</c>.</param>
/// <param name="EdgePrefixes"><c>edgeCIDR</c>.</param>
/// <param name="Nodes">The nodes.</param>
public sealed record MeshDocument(
    IReadOnlyList<string> CloudPrefixes,
    IReadOnlyList<string> EdgePrefixes,
    IReadOnlyList<MeshDocumentNode> Nodes)
{
    /// <summary>The node of that name.</summary>
    public MeshDocumentNode Node(string name) => Nodes.Single(node => node.Name == name);

    /// <summary>The same without one node.</summary>
    public MeshDocument Without(string name) => this with { Nodes = [.. Nodes.Where(node => node.Name != name)] };

    /// <summary>The same with one node's entry changed.</summary>
    public MeshDocument With(string name, Func<MeshDocumentNode, MeshDocumentNode> change) =>
        this with { Nodes = [.. Nodes.Select(node => node.Name == name ? change(node) : node)] };

    /// <summary>Puts it in place of the file as a whole, as an editor that saves well does.</summary>
    public void Save(string path)
    {
        string draft = path + ".draft";
        File.WriteAllText(draft, ToYaml());
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>The file's text.</summary>
    public string ToYaml()
    {
        var yaml = new StringBuilder("apiVersion: edgemesh.io/v1alpha1\nkind: Mesh\n");
        yaml.Append("cloudCIDR: ").Append(List(CloudPrefixes)).Append('\n');
        yaml.Append("edgeCIDR: ").Append(List(EdgePrefixes)).Append('\n');
        yaml.Append("nodes:\n");
        foreach (MeshDocumentNode node in Nodes)
        {
            yaml.Append("  - name: ").Append(node.Name).Append('\n');
            yaml.Append("    peerId: ").Append(node.PeerId).Append('\n');
            yaml.Append("    addresses: ").Append(List(node.Addresses)).Append('\n');
            yaml.Append("    prefixes: ").Append(List(node.Prefixes)).Append('\n');
        }

        return yaml.ToString();
    }

    private static string List(IReadOnlyList<string> values) =>
        "[" + string.Join(", ", values.Select(value => "\"" + value + "\"")) + "]";
}
