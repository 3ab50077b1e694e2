using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.UnitTests.Cluster;

/// <summary>Documents that follow from each other by small changes, from one seed.</summary>
internal sealed class MeshHistory
{
    private readonly Random _random;
    private readonly SortedDictionary<string, MeshNode> _nodes = new(StringComparer.Ordinal);
    private readonly int _prefixesPerNode;
    private int _cidrs = 2;

    internal MeshHistory(int seed, int nodes, int prefixesPerNode = 2)
    {
        _random = new Random(seed);
        _prefixesPerNode = prefixesPerNode;
        for (int i = 0; i < nodes; i++)
        {
            AddNode($"node-{i:00000}");
        }
    }

    /// <summary>The document as it is now; nothing of it changes later.</summary>
    internal MeshDocument Document()
    {
        var document = new MeshDocument();
        document.CloudCidr.Add(Prefix(0, 0, 0, 9));
        document.EdgeCidr.AddRange(Enumerable.Range(1, _cidrs).Select(i => Prefix(0, (byte)(128 + i), 0, 16)));
        document.Nodes.AddRange(_nodes.Values);
        MeshDocuments.Canonicalize(document);
        return document;
    }

    /// <summary>Changes some prefixes, seldom nodes or CIDRs; then gives the document.</summary>
    internal MeshDocument Next(int changes = 3)
    {
        for (int i = 0; i < changes; i++)
        {
            ChangeOne();
        }

        return Document();
    }

    private void ChangeOne()
    {
        string name = _nodes.Keys.ElementAt(_random.Next(_nodes.Count));
        MeshNode node = _nodes[name].Clone();
        _nodes[name] = node;
        switch (_random.Next(12))
        {
            case 0:
                AddNode($"new-{_random.Next(100000):00000}");
                break;
            case 1 when _nodes.Count > 2:
                _nodes.Remove(name);
                break;
            case 2:
                node.Addresses.Add($"/ip4/192.0.2.{_random.Next(256)}/tcp/20006");
                break;
            case 3:
                _cidrs = _random.Next(1, 5);
                break;
            case < 8 when node.Prefixes.Count > 0:
                node.Prefixes.RemoveAt(_random.Next(node.Prefixes.Count));
                break;
            default:
                AddPrefix(node);
                break;
        }
    }

    private void AddNode(string name)
    {
        byte[] peer = new byte[38];
        _random.NextBytes(peer);
        new byte[] { 0x00, 0x24, 0x08, 0x01, 0x12, 0x20 }.CopyTo(peer, 0);
        var node = new MeshNode { Name = name, PeerId = ByteString.CopyFrom(peer) };
        node.Addresses.Add($"/ip4/198.51.100.{_random.Next(256)}/tcp/20006");
        for (int i = 0; i < _prefixesPerNode; i++)
        {
            AddPrefix(node);
        }

        _nodes[name] = node;
    }

    private void AddPrefix(MeshNode node)
    {
        IpPrefix prefix = Prefix((byte)_random.Next(128), (byte)_random.Next(256), (byte)_random.Next(256), 32);
        if (!node.Prefixes.Contains(prefix))
        {
            node.Prefixes.Add(prefix);
        }
    }

    private static IpPrefix Prefix(byte second, byte third, byte fourth, uint length) => new()
    {
        Address = ByteString.CopyFrom(10, second, third, fourth), Length = length,
    };
}
