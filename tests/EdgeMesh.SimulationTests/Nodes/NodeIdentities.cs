using System;
using System.Collections.Concurrent;
using EdgeMesh.Libp2p.Identity;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>The key of each node: made once, the same in every run.</summary>
internal static class NodeIdentities
{
    private static readonly ConcurrentDictionary<int, KeyPair> Known = new();

    public static KeyPair Of(int node) => Known.GetOrAdd(node, static node =>
    {
        byte[] seed = new byte[IdentityLimits.SeedBytes];
        BitConverter.TryWriteBytes(seed, node + 1);
        return KeyPair.FromSeed(seed);
    });

    /// <summary>A node's name in mesh documents.</summary>
    public static string NameOf(int node) => $"node{node}";
}
