using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Text.Json;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;

namespace EdgeMesh.Cluster.Publications;

/// <summary>What a node says of itself. Nobody has judged it: any node may write whatever it likes.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="PeerId">Its peer id, in text.</param>
/// <param name="Addresses">Multiaddrs at which others may dial it, in text.</param>
/// <param name="Version">Version of its agent.</param>
/// <param name="Generation">Generation of this cluster's document in force there; 0: none.</param>
/// <param name="Problems">What the node can't mend by itself.</param>
/// <param name="Nonce">
/// Another one at each change of content, so that going back to an earlier content is a new object too: the newest
/// object is what the node means.
/// </param>
public sealed record NodePublication(
    string Node,
    string PeerId,
    IReadOnlyList<string> Addresses,
    string Version,
    ulong Generation,
    IReadOnlyList<string> Problems,
    string Nonce)
{
    private const int NonceCharsMax = 32;

    /// <summary>Reads the ConfigMap of a publication.</summary>
    /// <param name="seen">The object.</param>
    /// <param name="publication">What it says; its shape is good, its truth unknown.</param>
    /// <param name="problem">What is wrong with it, in a sentence.</param>
    /// <returns>False if there is none in it, or one that belongs under another name.</returns>
    public static bool TryRead(
        ClusterObject seen,
        [NotNullWhen(true)] out NodePublication? publication,
        [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(seen);
        publication = null;
        if (!seen.Data.TryGetValue(ClusterNames.PublicationKey, out string? text))
        {
            problem = $"has no {ClusterNames.PublicationKey}";
        }
        else if (TryParse(text, out publication, out problem)
            && seen.Name != ClusterNames.PublicationOf(publication.Node, text))
        {
            problem = $"says it is of node '{publication.Node}', and its name is that of another node or content";
            publication = null;
        }

        problem = problem is null ? null : $"the publication '{MeshDocuments.Printable(seen.Name)}' {problem}";
        return publication is not null;
    }

    /// <summary>Reads the text of a publication.</summary>
    /// <param name="text">The text under <see cref="ClusterNames.PublicationKey"/>.</param>
    /// <param name="publication">What it says; its shape is good, its truth unknown.</param>
    /// <param name="problem">What is wrong with it, to follow the name of the object.</param>
    /// <returns>False if there is none in it.</returns>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out NodePublication? publication, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        publication = null;
        if (!JsonReading.TryReadVersioned(
            text, ClusterLimits.PublicationBytesMax, PublicationJson.Default.NodePublicationText,
            out NodePublicationText? read, out problem))
        {
            return false;
        }

        problem = FaultOf(read);
        if (problem is not null)
        {
            return false;
        }

        publication = new NodePublication(
            read.Node!, read.PeerId!, [.. read.Addresses!.OfType<string>()], read.Version ?? "", read.Generation ?? 0,
            [.. (read.Problems ?? []).OfType<string>()], read.Nonce ?? "");
        return true;
    }

    /// <summary>Writes what <see cref="TryParse"/> reads; problems are cut to what fits.</summary>
    /// <returns>The text.</returns>
    public string ToText() => JsonSerializer.Serialize(
        new NodePublicationText(
            JsonReading.Schema,
            Node,
            PeerId,
            [.. Addresses.Take(ControlLimits.AddressesPerNodeMax)],
            Cut(Version, ClusterLimits.VersionCharsMax),
            Generation,
            [
                .. Problems.Take(ClusterLimits.ProblemsMax)
                    .Select(static text => Cut(text, ClusterLimits.ProblemCharsMax)),
            ],
            Nonce),
        PublicationJson.Default.NodePublicationText);

    /// <summary>The ConfigMap to create.</summary>
    /// <returns>The object.</returns>
    public ClusterObject ToObject()
    {
        string text = ToText();
        return ClusterObject.OfText(
            ClusterNames.PublicationOf(Node, text), ClusterNames.LabelsOf(ClusterNames.NodeKind),
            ClusterNames.PublicationKey, text);
    }

    private static string? FaultOf(NodePublicationText read)
    {
        if (!MeshDocuments.IsNodeName(read.Node ?? ""))
        {
            return $"names '{MeshDocuments.Printable(read.Node ?? "")}', which is no node name";
        }

        if (!EdgeMesh.Addresses.PeerId.TryParse(read.PeerId, out _, out string? reason))
        {
            return $"has no peer id, as {reason}";
        }

        if (read.Addresses is null || read.Addresses.Count > ControlLimits.AddressesPerNodeMax)
        {
            return $"has {read.Addresses?.Count ?? 0} addresses; there are 0 to {ControlLimits.AddressesPerNodeMax}";
        }

        foreach (string? address in read.Addresses)
        {
            if (address is null
                || address.Length > ControlLimits.AddressBytesMax
                || !Multiaddr.TryParse(address, out _))
            {
                return $"has the address '{MeshDocuments.Printable(address ?? "")}', which is no multiaddr";
            }
        }

        bool isShort = (read.Version ?? "").Length <= ClusterLimits.VersionCharsMax
            && (read.Nonce ?? "").Length <= NonceCharsMax
            && (read.Problems?.Count ?? 0) <= ClusterLimits.ProblemsMax
            && (read.Problems ?? []).All(static text => text is { Length: <= ClusterLimits.ProblemCharsMax });
        return isShort ? null : "has texts or problems over the limit";
    }

    private static string Cut(string text, int charsMax)
    {
        // Never between the halves of a surrogate pair.
        int length = Math.Min(text.Length, charsMax);
        return text[..(length < text.Length && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
