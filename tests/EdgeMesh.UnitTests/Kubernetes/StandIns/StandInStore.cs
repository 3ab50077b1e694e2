using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json.Nodes;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>What etcd is for an API server: objects, one version for all, and the changes since some version.</summary>
/// <remarks>Not safe for threads: its owner locks.</remarks>
internal sealed class StandInStore
{
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<StandInChange> _changes = [];

    internal long Version { get; private set; } = 100;

    /// <summary>Changes up to this version are forgotten.</summary>
    internal long CompactedVersion { get; private set; }

    internal static string NamespaceOf(JsonObject item) => item["metadata"]?["namespace"]?.GetValue<string>() ?? "";

    internal static string NameOf(JsonObject item) => item["metadata"]?["name"]?.GetValue<string>() ?? "";

    internal static string VersionOf(JsonObject item) =>
        item["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "";

    internal static string KeyOf(string kind, string ns, string name) => $"{kind}|{ns}|{name}";

    internal JsonObject? Find(string kind, string ns, string name) => _objects.GetValueOrDefault(KeyOf(kind, ns, name));

    internal IEnumerable<JsonObject> Of(string kind) => _objects
        .Where(pair => pair.Key.StartsWith($"{kind}|", StringComparison.Ordinal)).Select(pair => pair.Value);

    /// <summary>Makes or replaces an object.</summary>
    internal StandInChange Put(string kind, JsonObject item)
    {
        string key = KeyOf(kind, NamespaceOf(item), NameOf(item));
        JsonObject? old = _objects.GetValueOrDefault(key);
        var stored = (JsonObject)item.DeepClone();
        JsonNode metadata = stored["metadata"]!;
        metadata["uid"] = old is null ? Guid.NewGuid().ToString() : old["metadata"]!["uid"]!.GetValue<string>();
        metadata["resourceVersion"] = Next();
        _objects[key] = stored;
        return Add(new StandInChange(Version, kind, old, stored));
    }

    internal StandInChange? Delete(string kind, string ns, string name)
    {
        if (!_objects.Remove(KeyOf(kind, ns, name), out JsonObject? old))
        {
            return null;
        }

        var last = (JsonObject)old.DeepClone();
        last["metadata"]!["resourceVersion"] = Next();
        return Add(new StandInChange(Version, kind, last, null));
    }

    internal IEnumerable<StandInChange> Since(string kind, long version) =>
        _changes.Where(change => change.Kind == kind && change.Version > version);

    internal void Compact()
    {
        CompactedVersion = Version;
        _changes.Clear();
    }

    private string Next() => (++Version).ToString(CultureInfo.InvariantCulture);

    private StandInChange Add(StandInChange change)
    {
        _changes.Add(change);
        return change;
    }
}
