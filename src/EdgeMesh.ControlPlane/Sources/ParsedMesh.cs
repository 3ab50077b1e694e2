using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>mesh.yaml as it stands, with positions, before its parts are checked against each other.</summary>
internal sealed class ParsedMesh
{
    internal FilePosition NodesPosition { get; set; } = new(1, 1);

    internal List<Located<IpPrefix>> CloudCidr { get; } = [];

    internal List<Located<IpPrefix>> EdgeCidr { get; } = [];

    internal List<ParsedNode> Nodes { get; } = [];
}
