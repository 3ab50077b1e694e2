using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.ControlPlane.Controller.Publishing;

/// <summary>The ConfigMaps that keep which keys are trusted. The operator writes there too.</summary>
/// <remarks>
/// A record that the operator takes out is forgotten. A whole ConfigMap that is deleted is written again from what is
/// known: losing it by accident must not admit or expel anybody. One caller at a time.
/// </remarks>
/// <param name="client">Speaks to the API.</param>
/// <param name="ns">The namespace.</param>
internal sealed class TrustStore(KubeClient client, string ns)
{
    // A ConfigMap holds 1 MiB; records of nodes that are gone give way before that.
    private const int CharsKeptMax = 512 * 1024;

    private readonly Dictionary<string, (string? Version, Dictionary<string, string> Data)> _maps =
        new(StringComparer.Ordinal);

    /// <summary>Is the ConfigMap of a node's record there?</summary>
    internal bool HasMapOf(string node) => _maps.ContainsKey(ClusterNames.TrustOf(node));

    /// <summary>Takes a ConfigMap as it is in the cluster.</summary>
    /// <param name="map">The ConfigMap.</param>
    /// <param name="book">Gets its records.</param>
    /// <returns>What is wrong with records that can't be read; what was known of these nodes stays.</returns>
    internal IReadOnlyList<(string Node, string Problem)> Take(KubeConfigMap map, TrustBook book)
    {
        string name = map.Metadata.Name;
        Dictionary<string, string> data = map.Data ?? [];
        Dictionary<string, string> before = _maps.TryGetValue(name, out var known) ? known.Data : [];
        _maps[name] = (map.Metadata.ResourceVersion, data);
        var problems = new List<(string Node, string Problem)>();
        foreach ((string node, string text) in data)
        {
            if (!MeshDocuments.IsNodeName(node) || ClusterNames.TrustOf(node) != name)
            {
                problems.Add((node, $"the trust record of '{MeshDocuments.Printable(node)}' in '{name}' belongs to no "
                    + "node that would be looked for there: remove it, and use 'edgemesh trust'"));
            }
            else if (!TrustRecord.TryParse(text, out TrustRecord? record, out string? problem))
            {
                problems.Add((node, $"the trust record of node '{node}' {problem}: what was trusted stays; mend it by "
                    + $"'edgemesh trust {node}'"));
            }
            else
            {
                book.SetRecord(node, new KeyRecord(Parse(record.PeerId), Parse(record.Pending)));
            }
        }

        foreach (string gone in before.Keys
            .Where(node => !data.ContainsKey(node) && ClusterNames.TrustOf(node) == name))
        {
            book.SetRecord(gone, null);
        }

        return problems;
    }

    /// <summary>A ConfigMap was deleted.</summary>
    internal void Lose(string name) => _maps.Remove(name);

    /// <summary>Is a ConfigMap known as it was when one was made to write over it?</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">The version that was to be written over; null: there was none.</param>
    /// <returns>False if the watch has brought what it became, or something later: that is not to be undone.</returns>
    internal bool IsStill(string name, string? version) =>
        _maps.TryGetValue(name, out var known) ? known.Version == version : version is null;

    /// <summary>The ConfigMaps that don't exist. Agents may create what has no name yet: empty ones keep the names.
    /// </summary>
    internal IReadOnlyList<string> Unreserved() =>
        [.. ClusterNames.AllOfTrust.Where(name => !_maps.ContainsKey(name))];

    /// <summary>The ConfigMaps that must be written.</summary>
    /// <param name="wanted">Records that differ from what is kept.</param>
    /// <param name="book">All records.</param>
    internal IReadOnlyList<string> MapsToWrite(IReadOnlyDictionary<string, KeyRecord> wanted, TrustBook book) =>
    [
        .. wanted.Keys.Concat(book.Records.Keys.Where(node => !HasMapOf(node))).Select(ClusterNames.TrustOf)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>Makes one ConfigMap.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="wanted">Records that differ from what is kept.</param>
    /// <param name="book">All records.</param>
    /// <param name="isThere">Whether the cluster has a node; records of others give way when there is no room.</param>
    /// <returns>The ConfigMap to write.</returns>
    internal KubeConfigMap Make(
        string name, IReadOnlyDictionary<string, KeyRecord> wanted, TrustBook book, Func<string, bool> isThere)
    {
        bool isKept = _maps.TryGetValue(name, out (string? Version, Dictionary<string, string> Data) kept);
        var data = isKept
            ? new Dictionary<string, string>(kept.Data, StringComparer.Ordinal)
            : book.Records.Where(record => ClusterNames.TrustOf(record.Key) == name)
                .ToDictionary(
                    static record => record.Key, static record => ToText(record.Value), StringComparer.Ordinal);
        foreach ((string node, KeyRecord record) in wanted.Where(record => ClusterNames.TrustOf(record.Key) == name))
        {
            data[node] = ToText(record);
        }

        if (data.Sum(static record => record.Key.Length + record.Value.Length) > CharsKeptMax)
        {
            data = data.Where(record => isThere(record.Key)).ToDictionary(StringComparer.Ordinal);
        }

        return ClusterObjects.ToMap(
            new ClusterObject(
                name, ClusterNames.LabelsOf(ClusterNames.TrustKind), data, new Dictionary<string, byte[]>()),
            ns, kept.Version);
    }

    /// <summary>Writes one ConfigMap.</summary>
    /// <returns>
    /// The ConfigMap as it is stored, for <see cref="Take"/>; or why not. After a conflict, the watch brings it.
    /// </returns>
    internal Task<KubeResponse<KubeConfigMap>> WriteAsync(KubeConfigMap map, CancellationToken stop) =>
        map.Metadata.ResourceVersion is null
            ? ClusterObjects.CreateAsync(client, map, stop)
            : client.ReplaceAsync(KubeResources.ConfigMaps, map, stop);

    private static string ToText(KeyRecord record) =>
        new TrustRecord(record.Approved?.ToString(), record.Pending?.ToString()).ToText();

    private static PeerId? Parse(string? text) => text is null ? null : PeerId.Parse(text);
}
