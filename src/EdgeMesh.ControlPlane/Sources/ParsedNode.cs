using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>One entry of <c>nodes</c> as the file has it, before it is checked against the others.</summary>
internal sealed class ParsedNode
{
    internal required FilePosition Position { get; init; }

    internal Located<string>? Name { get; set; }

    internal Located<byte[]>? PeerId { get; set; }

    internal bool IsRelay { get; set; }

    internal List<Located<UnderlayAddress>> Addresses { get; } = [];

    internal List<Located<IpPrefix>> Prefixes { get; } = [];

    internal string NameForErrors => Name is { } name ? $"node '{name.Value}'" : "this node";
}
