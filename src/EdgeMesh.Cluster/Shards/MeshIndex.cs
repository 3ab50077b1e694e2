using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using EdgeMesh.ControlChannel;

namespace EdgeMesh.Cluster.Shards;

/// <summary>
/// Which shards make up the newest whole document. It is replaced in one write, so whoever follows it never mixes two
/// generations.
/// </summary>
/// <param name="Cluster">Uid of the namespace kube-system.</param>
/// <param name="Generation">Generation of the document.</param>
/// <param name="Slot">a or b: the one in use.</param>
/// <param name="Shards">In order.</param>
/// <param name="DocumentSha256">Of the document's protobuf, 64 hexadecimal digits in lower case.</param>
/// <param name="Written">When, by the writer's clock; only a change of it says anything.</param>
/// <param name="IsUninstalling">Is EdgeMesh being removed from the cluster?</param>
/// <param name="Chain">The hash, in hexadecimal, that the tokens of deltas lead to; empty: no delta belongs to this
/// index.</param>
public sealed record MeshIndex(
    string Cluster,
    ulong Generation,
    char Slot,
    IReadOnlyList<MeshIndexShard> Shards,
    string DocumentSha256,
    DateTimeOffset Written,
    bool IsUninstalling = false,
    string Chain = "")
{
    private const int HashChars = 64;
    private static readonly SearchValues<char> HashDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Reads the text under <see cref="ClusterNames.IndexKey"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="index">The index.</param>
    /// <param name="problem">What is wrong with it, in a sentence.</param>
    /// <returns>False if there is none in it.</returns>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out MeshIndex? index, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        index = null;
        if (JsonReading.TryReadVersioned(
            text, ClusterLimits.IndexBytesMax, ShardJson.Default.MeshIndexText, out MeshIndexText? read, out problem))
        {
            index = Check(read, out problem);
        }

        problem = problem is null ? null : $"the index '{ClusterNames.Index}' {problem}";
        return index is not null;
    }

    /// <summary>Writes what <see cref="TryParse"/> reads.</summary>
    /// <returns>The text.</returns>
    public string ToText() => JsonSerializer.Serialize(
        new MeshIndexText(
            JsonReading.Schema,
            Cluster,
            Generation,
            Slot.ToString(),
            [.. Shards.Select(static shard => new MeshIndexShardText(shard.Name, shard.Sha256))],
            DocumentSha256,
            Written.ToString("O", CultureInfo.InvariantCulture),
            IsUninstalling,
            Chain.Length == 0 ? null : Chain),
        ShardJson.Default.MeshIndexText);

    /// <summary>The ConfigMap of this index.</summary>
    /// <returns>The object to write.</returns>
    public ClusterObject ToObject() => ClusterObject.OfText(
        ClusterNames.Index, ClusterNames.LabelsOf(ClusterNames.MeshKind, isFeed: true), ClusterNames.IndexKey,
        ToText());

    private static MeshIndex? Check(MeshIndexText read, out string? problem)
    {
        problem = null;
        if (!ClusterNames.IsClusterId(read.Cluster))
        {
            problem = "names no cluster";
        }
        else if (read.Generation is null or 0)
        {
            problem = "has no generation";
        }
        else if (read.Slot is not ("a" or "b"))
        {
            problem = "has a slot other than a or b";
        }
        else if (read.Shards is null or { Count: 0 or > ClusterLimits.ShardsMax })
        {
            problem = $"names {read.Shards?.Count ?? 0} shards; there are 1 to {ClusterLimits.ShardsMax}";
        }
        else if (!IsHash(read.Document))
        {
            problem = "has no hash of the document";
        }
        else if (read.Chain is not null && !IsHash(read.Chain))
        {
            problem = "has a chain that is no hash";
        }
        else if (!DateTimeOffset.TryParse(
            read.Written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset written))
        {
            problem = "has no time of writing";
        }
        else
        {
            return ReadShards(read, read.Slot[0], out problem) is { } shards
                ? new MeshIndex(
                    read.Cluster!, read.Generation.Value, read.Slot[0], shards, read.Document!, written,
                    read.Uninstalling ?? false, read.Chain ?? "")
                : null;
        }

        return null;
    }

    private static List<MeshIndexShard>? ReadShards(MeshIndexText read, char slot, out string? problem)
    {
        problem = null;
        var shards = new List<MeshIndexShard>();
        foreach (MeshIndexShardText? shard in read.Shards!)
        {
            if (shard?.Name != ClusterNames.ShardOf(slot, shards.Count) || !IsHash(shard.Sha256))
            {
                problem = $"names '{MeshDocuments.Printable(shard?.Name ?? "")}' where shard "
                    + $"{ClusterNames.ShardOf(slot, shards.Count)} with its hash belongs";
                return null;
            }

            shards.Add(new MeshIndexShard(shard.Name, shard.Sha256!));
        }

        return shards;
    }

    private static bool IsHash(string? text) =>
        text is { Length: HashChars } && !text.AsSpan().ContainsAnyExcept(HashDigits);
}
