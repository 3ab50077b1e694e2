using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace EdgeMesh.Cluster;

/// <summary>Names, keys and labels of what EdgeMesh keeps in a cluster.</summary>
public static class ClusterNames
{
    /// <summary>The index of the mesh document.</summary>
    public const string Index = "edgemesh-mesh";

    /// <summary>The key of the index's text.</summary>
    public const string IndexKey = "mesh.json";

    /// <summary>The key of a node's publication.</summary>
    public const string PublicationKey = "node.json";

    /// <summary>Label of all our objects, with <see cref="PartOf"/>.</summary>
    public const string PartOfLabel = "app.kubernetes.io/part-of";

    /// <summary>Value of <see cref="PartOfLabel"/>.</summary>
    public const string PartOf = "edgemesh";

    /// <summary>Label that says what an object is for: one of the kinds below.</summary>
    public const string KindLabel = "edgemesh.io/kind";

    /// <summary>The index, shards and deltas.</summary>
    public const string MeshKind = "mesh";

    /// <summary>Publications of nodes.</summary>
    public const string NodeKind = "node";

    /// <summary>Trust records.</summary>
    public const string TrustKind = "trust";

    /// <summary>
    /// Label of what nodes watch: the index, deltas, and shards of small documents. Large shards are read by name when
    /// they are needed, so a node that follows the deltas never gets them.
    /// </summary>
    public const string FeedLabel = "edgemesh.io/feed";

    /// <summary>Value of <see cref="FeedLabel"/>.</summary>
    public const string FeedOfChanges = "changes";

    /// <summary>Label selector of the index, shards and deltas: for the controller.</summary>
    public const string MeshSelector = KindLabel + "=" + MeshKind;

    /// <summary>Label selector of what nodes watch.</summary>
    public const string FeedSelector = FeedLabel + "=" + FeedOfChanges;

    /// <summary>Label selector of publications.</summary>
    public const string NodeSelector = KindLabel + "=" + NodeKind;

    /// <summary>Label selector of trust records.</summary>
    public const string TrustSelector = KindLabel + "=" + TrustKind;

    /// <summary>Begins the source of each document of a cluster; its id follows.</summary>
    public const string SourcePrefix = "kubernetes/";

    private const string ShardPrefix = Index + "-";
    private const string DeltaPrefix = "edgemesh-delta-";
    private const string PublicationPrefix = "edgemesh-node-";
    private const string TrustPrefix = "edgemesh-trust-";
    private const int HashCharsKept = 16;

    /// <summary>Labels of an object of a kind.</summary>
    /// <param name="kind">What it is for.</param>
    /// <param name="isFeed">Do nodes watch it?</param>
    /// <returns>The labels.</returns>
    public static IReadOnlyDictionary<string, string> LabelsOf(string kind, bool isFeed = false)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [PartOfLabel] = PartOf,
            [KindLabel] = kind,
        };
        if (isFeed)
        {
            labels[FeedLabel] = FeedOfChanges;
        }

        return labels;
    }

    /// <summary>The source of documents of a cluster.</summary>
    /// <param name="cluster">The cluster's id.</param>
    /// <returns>What stands in <c>MeshDocument.source</c>.</returns>
    public static string SourceOf(string cluster) => SourcePrefix + cluster;

    /// <summary>The cluster of a document, or null if it is of no cluster.</summary>
    /// <param name="source">What stands in <c>MeshDocument.source</c>.</param>
    /// <returns>The cluster's id.</returns>
    public static string? ClusterOf(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.StartsWith(SourcePrefix, StringComparison.Ordinal) ? source[SourcePrefix.Length..] : null;
    }

    /// <summary>Can this be a cluster's id?</summary>
    /// <param name="cluster">The text.</param>
    /// <returns>False if it is empty, too long or not plain.</returns>
    public static bool IsClusterId(string? cluster) =>
        cluster is { Length: > 0 and <= ClusterLimits.ClusterIdCharsMax }
        && !cluster.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>The name of a shard.</summary>
    /// <param name="slot">a or b.</param>
    /// <param name="number">From 0.</param>
    /// <returns>The name.</returns>
    public static string ShardOf(char slot, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{ShardPrefix}{slot}-{number}");

    /// <summary>Reads the name of a shard.</summary>
    /// <param name="name">The name.</param>
    /// <returns>False if it is none, or one with a number over the limit.</returns>
    public static bool IsShard(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length > ShardPrefix.Length + 2
            && name.StartsWith(ShardPrefix, StringComparison.Ordinal)
            && name[ShardPrefix.Length] is 'a' or 'b'
            && name[ShardPrefix.Length + 1] == '-'
            && TryReadNumber(name.AsSpan(ShardPrefix.Length + 2), ClusterLimits.ShardsMax, out _);
    }

    /// <summary>The name of the ConfigMap that holds the delta to a generation.</summary>
    /// <param name="generation">The generation that comes out.</param>
    /// <returns>The name; it is used again <see cref="ClusterLimits.DeltasMax"/> generations later.</returns>
    public static string DeltaOf(ulong generation) =>
        string.Create(CultureInfo.InvariantCulture, $"{DeltaPrefix}{generation % ClusterLimits.DeltasMax}");

    /// <summary>Reads the name of a delta.</summary>
    /// <param name="name">The name.</param>
    /// <param name="place">Its generation modulo <see cref="ClusterLimits.DeltasMax"/>.</param>
    /// <returns>False if it is none.</returns>
    public static bool IsDelta(string name, out int place)
    {
        ArgumentNullException.ThrowIfNull(name);
        place = 0;
        return name.StartsWith(DeltaPrefix, StringComparison.Ordinal)
            && TryReadNumber(name.AsSpan(DeltaPrefix.Length), ClusterLimits.DeltasMax, out place);
    }

    /// <summary>The name of a node's publication.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="content">The text under <see cref="PublicationKey"/>.</param>
    /// <returns>The name: another content has another one, as nodes may only create.</returns>
    public static string PublicationOf(string node, string content) =>
        PublicationPrefix + Hash(node)[..HashCharsKept] + "-" + Hash(content)[..HashCharsKept];

    /// <summary>The ConfigMap that holds a node's trust record, among others'.</summary>
    /// <param name="node">The node's name.</param>
    /// <returns>One of 16 names.</returns>
    public static string TrustOf(string node) => TrustPrefix + Hash(node)[0];

    /// <summary>All ConfigMaps of trust records.</summary>
    public static IReadOnlyList<string> AllOfTrust { get; } =
        [.. Enumerable.Range(0, 16).Select(static digit => $"{TrustPrefix}{digit:x}")];

    private static string Hash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    // Only as it is written: no sign, no leading zero.
    private static bool TryReadNumber(ReadOnlySpan<char> digits, int below, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number < below
        && (digits.Length == 1 || digits[0] != '0');
}
