using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Net;
using EdgeMesh.Addresses;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Tunnel.Mesh;

/// <summary>One generation of the mesh, compiled for every thread of this process; it never changes.</summary>
public sealed class MeshView
{
    private readonly PeerInfo?[] _byIndex;
    private readonly Dictionary<PeerId, PeerInfo> _byId;

    /// <summary>Takes what a compiler made of a mesh document.</summary>
    /// <param name="generation">The document's generation.</param>
    /// <param name="peers">Every node but ours.</param>
    /// <param name="tables">Routes of both IP versions.</param>
    /// <param name="conflicts">Prefixes that are not routed because several nodes claim them.</param>
    public MeshView(
        ulong generation,
        IReadOnlyList<PeerInfo> peers,
        RoutingTables tables,
        IReadOnlyList<RouteConflict> conflicts)
    {
        Generation = generation;
        Peers = peers;
        Tables = tables;
        Conflicts = conflicts;
        _byId = peers.ToDictionary(peer => peer.Id);
        _byIndex = new PeerInfo?[peers.Count == 0 ? 0 : peers.Max(peer => peer.Index) + 1];
        foreach (PeerInfo peer in peers)
        {
            _byIndex[peer.Index] = peer;
        }
    }

    /// <summary>No node, no route.</summary>
    public static MeshView Empty { get; } = new(0, [], RoutingTables.Empty, []);

    /// <summary>Generation of the document that this was made of.</summary>
    public ulong Generation { get; }

    /// <summary>Every node but ours.</summary>
    public IReadOnlyList<PeerInfo> Peers { get; }

    /// <summary>Routes of both IP versions: to peers by index, or local.</summary>
    public RoutingTables Tables { get; }

    /// <summary>Prefixes refused because several nodes claim them.</summary>
    public IReadOnlyList<RouteConflict> Conflicts { get; }

    /// <summary>One more than the largest index in use.</summary>
    public int IndexCount => _byIndex.Length;

    /// <summary>The peer with that index, or null.</summary>
    public PeerInfo? PeerAt(int index) => (uint)index < (uint)_byIndex.Length ? _byIndex[index] : null;

    /// <summary>The next hop to an address.</summary>
    public NextHop Lookup(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return length == 4
            ? Tables.V4.Lookup(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : Tables.V6.Lookup(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>The peer that proves <paramref name="id"/>.</summary>
    public bool TryFindPeer(PeerId id, [NotNullWhen(true)] out PeerInfo? peer) => _byId.TryGetValue(id, out peer);
}
