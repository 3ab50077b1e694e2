using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using EdgeMesh.Addresses;

namespace EdgeMesh.Perf.Scale;

/// <summary>
/// The simulated cluster: how large it is, and everything that follows from a node's or a site's number.
/// </summary>
/// <remarks>
/// Sites of ten nodes; one site in ten is in the cloud. A site is one network segment, and its nodes' pods have
/// addresses picked at random out of it, as SpiderPool hands them out: nothing is aligned to nodes, so that every pod
/// that comes or goes changes the mesh document. The segments lie side by side from 10.0.0.0 on, each half full at
/// most.
/// </remarks>
/// <param name="Nodes">Nodes, the real one included; it is the last.</param>
/// <param name="Pods">Pods with an address of their own.</param>
/// <param name="Seed">Seed of what is random.</param>
internal sealed record ScalePlan(int Nodes, int Pods, int Seed)
{
    /// <summary>Most nodes: the mesh document's limit.</summary>
    public const int NodesMax = 10_000;

    /// <summary>Most pods: single addresses are prefixes, and the mesh document has at most 131 072.</summary>
    public const int PodsMax = 120_000;

    /// <summary>The namespace of the product's objects.</summary>
    public const string Namespace = "kubeedge";

    /// <summary>Where nodes say that they listen.</summary>
    public const int ListenPort = 20006;

    /// <summary>The uid of the namespace kube-system, which names the cluster.</summary>
    public const string ClusterUid = "5f0c2f6e-6f0c-4f7e-9d4e-2f3a51b7c001";

    /// <summary>Addresses at the start of a segment that no pod gets.</summary>
    public const int ReservedAddresses = 10;

    /// <summary>Nodes of a site.</summary>
    public const int NodesPerSite = 10;

    private const int SitesPerCloudSite = 10;
    private const uint FirstAddress = 10u << 24;
    private const uint UnderlayFirstAddress = (172u << 24) | (16u << 16);

    /// <summary>Sites.</summary>
    public int Sites => (Nodes + NodesPerSite - 1) / NodesPerSite;

    /// <summary>Number of the node that runs a real process.</summary>
    public int RealNode => Nodes - 1;

    /// <summary>Length of a site's prefix, bits: at most half of its addresses are pods'.</summary>
    public int SitePrefixBits =>
        32 - BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)(2 * (ReservedAddresses + (Pods / Sites)))));

    /// <summary>Addresses of a site.</summary>
    public uint SiteAddresses => 1u << (32 - SitePrefixBits);

    /// <summary>The network segments of the cloud.</summary>
    public IEnumerable<string> CloudEntries => Entries(site => site % SitesPerCloudSite == 0);

    /// <summary>The network segments of edge sites.</summary>
    public IEnumerable<string> EdgeEntries => Entries(site => site % SitesPerCloudSite != 0);

    /// <summary>The site of a node.</summary>
    public static int SiteOf(int node) => node / NodesPerSite;

    /// <summary>The name of a node.</summary>
    public static string NodeName(int node) => string.Create(CultureInfo.InvariantCulture, $"node-{node:00000}");

    /// <summary>The number in a node's name; -1 if it is no node's.</summary>
    public static int NodeNumber(string name) =>
        name.StartsWith("node-", StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number : -1;

    /// <summary>The first address of a site's segment, host byte order.</summary>
    public uint SiteFirstAddress(int site) => FirstAddress + ((uint)site * SiteAddresses);

    /// <summary>The address of a node in the underlay.</summary>
    public static string Underlay(int node) => Text(UnderlayFirstAddress + (uint)node + 1);

    /// <summary>An address, host byte order, as text.</summary>
    public static string Text(uint address) => new IPAddress(Bytes(address)).ToString();

    /// <summary>An address, host byte order, as it travels.</summary>
    public static byte[] Bytes(uint address)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return bytes;
    }

    /// <summary>
    /// The peer id of a node that no process runs for: an Ed25519 key's form, made from the node's name.
    /// </summary>
    public static string PeerIdOf(int node)
    {
        // The protobuf {Ed25519, 32 bytes} of a public key (libp2p peer-ids).
        byte[] key = [0x08, 0x01, 0x12, 0x20, .. SHA256.HashData(Encoding.UTF8.GetBytes(NodeName(node)))];
        return PeerId.FromPublicKeyProtobuf(key).ToString();
    }

    private IEnumerable<string> Entries(Func<int, bool> isWanted) => Enumerable.Range(0, Sites)
        .Where(isWanted)
        .Select(site => $"{Text(SiteFirstAddress(site))}/{SitePrefixBits}");
}
