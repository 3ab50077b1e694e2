using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Text;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.ControlChannel;

/// <summary>
/// Checks mesh documents, compares them, and applies deltas. Used alike by both processes, so they never differ.
/// </summary>
public static class MeshDocuments
{
    /// <summary>
    /// Sorts nodes by name and prefixes by address, so that equal desired states are equal documents.
    /// </summary>
    /// <param name="document">Changed in place.</param>
    public static void Canonicalize(MeshDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Sort(document.Nodes, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        Sort(document.CloudCidr, IpPrefixes.Compare);
        Sort(document.EdgeCidr, IpPrefixes.Compare);
        foreach (MeshNode node in document.Nodes)
        {
            Sort(node.Prefixes, IpPrefixes.Compare);
        }
    }

    /// <summary>
    /// Is a document as <see cref="Canonicalize"/> makes it, and is no name and no prefix in it twice?
    /// </summary>
    /// <param name="document">The document.</param>
    /// <returns>False if the order of one of its lists is another.</returns>
    public static bool IsCanonical(MeshDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return IsInOrder(document.CloudCidr)
            && IsInOrder(document.EdgeCidr)
            && IsInOrder(document.Nodes)
            && document.Nodes.All(static node => IsInOrder(node.Prefixes));
    }

    /// <summary>Are nodes ordered by name, each name once?</summary>
    /// <param name="nodes">The nodes.</param>
    /// <returns>True if so.</returns>
    public static bool IsInOrder(IReadOnlyList<MeshNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        for (int i = 1; i < nodes.Count; i++)
        {
            if (string.CompareOrdinal(nodes[i - 1].Name, nodes[i].Name) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Are prefixes ordered by family, address and length, each prefix once?</summary>
    /// <param name="prefixes">The prefixes.</param>
    /// <returns>True if so.</returns>
    public static bool IsInOrder(IReadOnlyList<IpPrefix> prefixes)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        for (int i = 1; i < prefixes.Count; i++)
        {
            if (IpPrefixes.Compare(prefixes[i - 1], prefixes[i]) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a document that was kept as bytes, and checks it.</summary>
    /// <param name="bytes">The protobuf.</param>
    /// <param name="document">The document, valid.</param>
    /// <param name="problem">What is wrong with the bytes or with what they say.</param>
    /// <returns>False if there is no valid document in them.</returns>
    public static bool TryDecode(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out MeshDocument? document,
        [NotNullWhen(false)] out string? problem)
    {
        document = null;
        try
        {
            MeshDocument read = MeshDocument.Parser.ParseFrom(bytes);
            Compact(read);
            problem = Validate(read);
            document = problem is null ? read : null;
            return document is not null;
        }
        catch (InvalidProtocolBufferException e)
        {
            problem = $"bytes that are no mesh document: {e.Message}";
            return false;
        }
    }

    /// <summary>
    /// Finds what is wrong with a document. What makes a peer id or an underlay address a good one is for those to say
    /// who use them. Two nodes with one prefix are left to the data plane, which refuses that
    /// prefix alone.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <returns>Cause and remedy, or null if nothing is wrong.</returns>
    public static string? Validate(MeshDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Nodes.Count > ControlLimits.NodesMax)
        {
            return $"{document.Nodes.Count} nodes; the limit is {ControlLimits.NodesMax}";
        }

        if (document.CloudCidr.Count + document.EdgeCidr.Count > ControlLimits.CidrsMax)
        {
            return $"{document.CloudCidr.Count + document.EdgeCidr.Count} CIDRs; the limit is {ControlLimits.CidrsMax}";
        }

        foreach (IpPrefix cidr in document.CloudCidr.Concat(document.EdgeCidr))
        {
            if (!IpPrefixes.IsCanonical(cidr))
            {
                return $"the CIDR {IpPrefixes.Format(cidr)} is no network address with its length";
            }
        }

        var names = new HashSet<string>(document.Nodes.Count, StringComparer.Ordinal);
        var peers = new Dictionary<ByteString, string>(document.Nodes.Count);
        int prefixes = 0;
        foreach (MeshNode node in document.Nodes)
        {
            if (Validate(node) is string problem)
            {
                return problem;
            }

            if (!names.Add(node.Name))
            {
                return $"two nodes are called '{node.Name}': names must be unique";
            }

            if (!peers.TryAdd(node.PeerId, node.Name))
            {
                return $"the nodes '{peers[node.PeerId]}' and '{node.Name}' have one peer id: each node has a key of "
                    + "its own";
            }

            prefixes += node.Prefixes.Count;
        }

        return prefixes > ControlLimits.PrefixesMax
            ? $"{prefixes} prefixes; the limit is {ControlLimits.PrefixesMax}"
            : null;
    }

    /// <summary>Finds what is wrong with one node.</summary>
    /// <param name="node">The node.</param>
    /// <returns>Cause and remedy, or null if nothing is wrong.</returns>
    public static string? Validate(MeshNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (!IsNodeName(node.Name))
        {
            return $"'{Printable(node.Name)}' is no node name: letters, digits, '-', '_' and '.', at most "
                + $"{ControlLimits.NodeNameBytesMax}, a letter or digit first and last";
        }

        if (node.PeerId.Length is 0 or > ControlLimits.PeerIdBytesMax)
        {
            return $"node '{node.Name}' has a malformed peer id: take what 'edgemesh-dataplane identity' prints on "
                + "that node";
        }

        if (node.Addresses.Count > ControlLimits.AddressesPerNodeMax)
        {
            return $"node '{node.Name}' has {node.Addresses.Count} addresses; the limit is "
                + $"{ControlLimits.AddressesPerNodeMax}";
        }

        foreach (string address in node.Addresses)
        {
            if (!address.StartsWith('/')
                || address.Length > ControlLimits.AddressBytesMax
                || address.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                return $"node '{node.Name}' has the address '{Printable(address)}', which is no multiaddr, as in "
                    + "/ip4/192.0.2.1/tcp/20006";
            }
        }

        var seen = new HashSet<IpPrefix>();
        foreach (IpPrefix prefix in node.Prefixes)
        {
            if (!IpPrefixes.IsCanonical(prefix))
            {
                return $"node '{node.Name}' has the prefix {IpPrefixes.Format(prefix)}, which is no network address "
                    + "with its length";
            }

            if (!seen.Add(prefix))
            {
                return $"node '{node.Name}' has the prefix {IpPrefixes.Format(prefix)} twice";
            }
        }

        return null;
    }

    /// <summary>Is this a node name: RFC 1123's letters, digits, '-' and '.', and '_' for hosts that have it?</summary>
    /// <param name="name">The name.</param>
    /// <returns>True if so.</returns>
    public static bool IsNodeName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > ControlLimits.NodeNameBytesMax
            || !char.IsAsciiLetterOrDigit(name[0])
            || !char.IsAsciiLetterOrDigit(name[^1]))
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What turns one canonical document into another.</summary>
    /// <param name="from">The document in force.</param>
    /// <param name="to">The document to come, of a later generation of the same source.</param>
    /// <returns>The delta; <see cref="Apply"/> gives <paramref name="to"/> back.</returns>
    public static MeshDelta Diff(MeshDocument from, MeshDocument to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var delta = new MeshDelta { BaseGeneration = from.Generation, Generation = to.Generation };
        int old = 0; // both are ordered: side by side, a node that is shared costs a look at its name
        foreach (MeshNode node in to.Nodes)
        {
            while (old < from.Nodes.Count && string.CompareOrdinal(from.Nodes[old].Name, node.Name) < 0)
            {
                delta.Removals.Add(from.Nodes[old++].Name);
            }

            bool isThere = old < from.Nodes.Count && from.Nodes[old].Name == node.Name;
            if (!isThere || !from.Nodes[old].Equals(node))
            {
                delta.Upserts.Add(node.Clone());
            }

            old += isThere ? 1 : 0;
        }

        for (; old < from.Nodes.Count; old++)
        {
            delta.Removals.Add(from.Nodes[old].Name);
        }

        if (!from.CloudCidr.Equals(to.CloudCidr) || !from.EdgeCidr.Equals(to.EdgeCidr))
        {
            delta.CidrsChanged = true;
            delta.CloudCidr.AddRange(to.CloudCidr);
            delta.EdgeCidr.AddRange(to.EdgeCidr);
        }

        return delta;
    }

    /// <summary>Makes the document that a delta describes. The old one is left as it is.</summary>
    /// <param name="current">The document in force; null if there is none.</param>
    /// <param name="delta">What changes.</param>
    /// <returns>The new document, canonical and valid.</returns>
    /// <exception cref="RequestRefusedException">
    /// <see cref="ErrorCode.Generation"/>: the delta is for another base. <see cref="ErrorCode.Invalid"/>: it is
    /// contradictory, or what comes out is.
    /// </exception>
    public static MeshDocument Apply(MeshDocument? current, MeshDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        if (current is null || current.Generation != delta.BaseGeneration)
        {
            throw new RequestRefusedException(
                ErrorCode.Generation,
                $"the delta is for generation {delta.BaseGeneration}, in force is {current?.Generation ?? 0}: send a "
                    + "snapshot");
        }

        if (delta.Generation <= delta.BaseGeneration)
        {
            throw new RequestRefusedException(
                ErrorCode.Invalid, $"generation {delta.Generation} does not follow {delta.BaseGeneration}: "
                    + "generations only grow");
        }

        var nodes = current.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (string name in delta.Removals)
        {
            if (!nodes.Remove(name))
            {
                throw new RequestRefusedException(
                    ErrorCode.Invalid, $"the delta removes node '{Printable(name)}', which is not there: send a "
                        + "snapshot");
            }
        }

        foreach (MeshNode node in delta.Upserts)
        {
            nodes[node.Name] = node.Clone();
        }

        var next = new MeshDocument
        {
            Generation = delta.Generation, Source = current.Source, Settings = current.Settings?.Clone(),
        };
        next.CloudCidr.AddRange(delta.CidrsChanged ? delta.CloudCidr : current.CloudCidr);
        next.EdgeCidr.AddRange(delta.CidrsChanged ? delta.EdgeCidr : current.EdgeCidr);
        next.Nodes.AddRange(nodes.Values);
        Canonicalize(next);
        return Validate(next) is string problem ? throw new RequestRefusedException(ErrorCode.Invalid, problem) : next;
    }

    /// <summary>
    /// Makes a document that is kept smaller, by 33 bytes a prefix: all addresses lie in one array, and lists have no
    /// room to spare. It says the same as before.
    /// </summary>
    /// <param name="document">One that was read; nobody else has parts of it.</param>
    public static void Compact(MeshDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        document.Nodes.Capacity = document.Nodes.Count;
        byte[] addresses = new byte[document.Nodes.Sum(static node => node.Prefixes.Sum(
            static prefix => prefix.Address.Length))];
        int end = 0;
        foreach (MeshNode node in document.Nodes)
        {
            node.Prefixes.Capacity = node.Prefixes.Count;
            node.Addresses.Capacity = node.Addresses.Count;
            foreach (IpPrefix prefix in node.Prefixes)
            {
                Memory<byte> address = addresses.AsMemory(end, prefix.Address.Length);
                prefix.Address.Span.CopyTo(address.Span);
                prefix.Address = UnsafeByteOperations.UnsafeWrap(address); // nobody writes to the array any more
                end += address.Length;
            }
        }
    }

    /// <summary>Makes a text fit for a message: short, and without control characters.</summary>
    /// <param name="text">A text of somebody else's, such as a name that failed a check.</param>
    /// <returns>At most 64 characters of it and three dots.</returns>
    public static string Printable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var printable = new StringBuilder();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, 64)))
        {
            printable.Append(char.IsControl(c) ? '?' : c);
        }

        return printable.Append(text.Length > 64 ? "..." : "").ToString();
    }

    private static void Sort<T>(Google.Protobuf.Collections.RepeatedField<T> field, Comparison<T> comparison)
    {
        var sorted = field.ToList();
        sorted.Sort(comparison);
        field.Clear();
        field.AddRange(sorted);
    }
}
