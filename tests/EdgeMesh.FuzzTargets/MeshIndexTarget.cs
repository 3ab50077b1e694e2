using System;
using System.Text;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;

namespace EdgeMesh.FuzzTargets;

/// <summary>The index of the mesh document in a cluster.</summary>
public static class MeshIndexTarget
{
    /// <summary>Reads one, and writes it again.</summary>
    /// <param name="bytes">The text in UTF-8.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        bool isRead = MeshIndex.TryParse(Encoding.UTF8.GetString(bytes), out MeshIndex? index, out string? problem);
        Invariant.Holds(isRead == (problem is null), "an index is either read or faulty");
        if (isRead)
        {
            Invariant.Holds(
                MeshIndex.TryParse(index!.ToText(), out MeshIndex? again, out _)
                    && again.Generation == index.Generation
                    && again.Shards.Count == index.Shards.Count
                    && again.Written == index.Written,
                "an index is read as it was written");
            Invariant.Holds(ClusterNames.IsClusterId(index.Cluster), "an index names a cluster");
        }
    }
}
