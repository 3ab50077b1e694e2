using System;
using System.Collections.Generic;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Messages;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.FuzzTargets;

/// <summary>Changes of a mesh document, also such whose hash agrees with what comes out.</summary>
public static class MeshChangeTarget
{
    private const string Cluster = "fuzz";

    /// <summary>Applies a change.</summary>
    /// <param name="bytes">The protobuf of a change, or its compressed form.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        var current = new MeshDocument { Generation = 6, Source = ClusterNames.SourceOf(Cluster) };
        current.Nodes.Add(new MeshNode { Name = "a", Prefixes = { Prefix(1), Prefix(3) } });
        current.Nodes.Add(new MeshNode { Name = "c", Prefixes = { Prefix(5) } });
        var reader = new ShardReader(current);
        reader.Handle(ClusterObject.OfBytes(
            ClusterNames.DeltaOf(7), new Dictionary<string, string>(), bytes.ToArray()));
        Invariant.Holds(reader.Document!.Generation is 6 or 7, "a change leads to its own generation");
        if (!TryParse(bytes, out MeshChange change))
        {
            return;
        }

        change.BaseGeneration = 6;
        change.Generation = 7;
        bool isApplied = MeshChanges.TryApply(current, change, out MeshDocument? next, out string? problem);
        Invariant.Holds(isApplied == (problem is null), "a change is either applied or refused");
        Invariant.Holds(!isApplied || MeshDocuments.IsInOrder(next!.Nodes), "nodes stay in order");
        Invariant.Holds(current.Nodes.Count == 2 && current.Nodes[0].Prefixes.Count == 2, "the old one stays as it is");
    }

    private static bool TryParse(ReadOnlySpan<byte> bytes, out MeshChange change)
    {
        try
        {
            change = MeshChange.Parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            change = new MeshChange();
            return false;
        }
    }

    private static IpPrefix Prefix(byte last) =>
        new() { Address = ByteString.CopyFrom(10, 0, 0, last), Length = 32 };
}
