using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.UnitTests.ControlChannel;

/// <summary>Documents to test with.</summary>
internal static class SampleMeshes
{
    internal static IpPrefix Prefix(string text) =>
        IpPrefixes.TryParse(text, out IpPrefix? prefix, out string? error) ? prefix : throw new FormatException(error);

    internal static MeshNode Node(string name, byte key, params string[] prefixes)
    {
        byte[] peer = new byte[38];
        new byte[] { 0x00, 0x24, 0x08, 0x01, 0x12, 0x20 }.CopyTo(peer, 0);
        peer[6] = key;
        var node = new MeshNode { Name = name, PeerId = ByteString.CopyFrom(peer) };
        node.Addresses.Add($"/ip4/192.0.2.{key}/tcp/20006");
        node.Prefixes.AddRange(prefixes.Select(Prefix));
        return node;
    }

    internal static MeshDocument Document(ulong generation, params IEnumerable<MeshNode> nodes)
    {
        var document = new MeshDocument { Generation = generation };
        document.CloudCidr.Add(Prefix("10.244.1.0/24"));
        document.EdgeCidr.Add(Prefix("10.244.5.0/24"));
        document.Nodes.AddRange(nodes);
        MeshDocuments.Canonicalize(document);
        return document;
    }
}
