using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>Objects that clients write: kept as they wrote them, with uid and resourceVersion.</summary>
/// <param name="kind">The kind of an object.</param>
/// <param name="apiVersion">Group and version.</param>
/// <param name="versions">Counts resourceVersions.</param>
internal sealed class StoredCollection(string kind, string apiVersion, VersionCounter versions) : ApiCollection
{
    private readonly SortedDictionary<string, (ObjectFacts Facts, long Version, byte[] Json)> _objects =
        new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string Kind => kind;

    /// <inheritdoc/>
    public override string ApiVersion => apiVersion;

    /// <summary>Objects now.</summary>
    public int Count => _objects.Count;

    /// <inheritdoc/>
    public override void List(ObjectSelector selector, string from, ListPage page)
    {
        foreach ((string key, (ObjectFacts facts, _, byte[] json)) in _objects)
        {
            if (string.CompareOrdinal(key, from) <= 0 || !selector.Matches(facts))
            {
                continue;
            }

            if (page.IsFull)
            {
                return;
            }

            System.Buffers.BuffersExtensions.Write(page.Next(), json);
            page.Continue = page.IsFull ? key : "";
        }

        page.Continue = "";
    }

    /// <inheritdoc/>
    public override byte[]? Get(string ns, string name) =>
        _objects.TryGetValue(Key(ns, name), out (ObjectFacts, long, byte[] Json) found) ? found.Json : null;

    /// <inheritdoc/>
    public override (int Status, byte[] Body) Write(string method, ApiPath path, byte[] body)
    {
        JsonObject? sent;
        try
        {
            sent = body.Length == 0 ? new JsonObject() : JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            sent = null;
        }

        return sent is null
            ? (400, StatusJson.Of(400, "BadRequest", "the body is no JSON object"))
            : method switch
            {
                "POST" => Create(path, sent),
                "PUT" => Change(path, sent, (_, next) => next),
                "PATCH" => Change(path, sent, Merge),
                "DELETE" => Delete(path, sent),
                _ => (405, StatusJson.Of(405, "MethodNotAllowed", $"{method} is not known")),
            };
    }

    private (int Status, byte[] Body) Create(ApiPath path, JsonObject sent)
    {
        JsonObject metadata = Metadata(sent);
        string name = Text(metadata, "name");
        if (name.Length == 0)
        {
            name = Text(metadata, "generateName") + versions.Last.ToString("x8", CultureInfo.InvariantCulture);
            metadata["name"] = name;
        }

        string key = Key(path.Namespace, name);
        if (_objects.ContainsKey(key))
        {
            return (409, StatusJson.Of(409, "AlreadyExists", $"{path.Plural} \"{name}\" already exists"));
        }

        if (path.Namespace.Length > 0)
        {
            metadata["namespace"] = path.Namespace;
        }

        metadata["uid"] ??= Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ");
        return (201, Store(key, sent, "ADDED"));
    }

    private (int Status, byte[] Body) Change(
        ApiPath path, JsonObject sent, Func<JsonObject, JsonObject, JsonObject> change)
    {
        string key = Key(path.Namespace, path.Name);
        if (!_objects.TryGetValue(key, out (ObjectFacts, long Version, byte[] Json) found))
        {
            return NotFound(path);
        }

        string expected = Text(Metadata(sent), "resourceVersion");
        if (expected.Length > 0 && expected != found.Version.ToString(CultureInfo.InvariantCulture))
        {
            return (409, StatusJson.Of(
                409, "Conflict", $"{path.Plural} \"{path.Name}\": the object has been modified"));
        }

        var old = (JsonObject)JsonNode.Parse(found.Json)!;
        JsonObject next = change(old, sent);
        foreach (string kept in (string[])["uid", "creationTimestamp", "namespace", "name"])
        {
            Metadata(next)[kept] = Metadata(old)[kept]?.DeepClone();
        }

        return (200, Store(key, next, "MODIFIED"));
    }

    private (int Status, byte[] Body) Delete(ApiPath path, JsonObject options)
    {
        string key = Key(path.Namespace, path.Name);
        if (!_objects.TryGetValue(key, out (ObjectFacts Facts, long Version, byte[] Json) found))
        {
            return NotFound(path);
        }

        if (options["preconditions"] is JsonObject preconditions
            && ((Text(preconditions, "resourceVersion") is { Length: > 0 } version
                    && version != found.Version.ToString(CultureInfo.InvariantCulture))
                || (Text(preconditions, "uid") is { Length: > 0 } uid
                    && uid != Text(Metadata((JsonObject)JsonNode.Parse(found.Json)!), "uid"))))
        {
            return (409, StatusJson.Of(409, "Conflict", $"{path.Plural} \"{path.Name}\": a precondition failed"));
        }

        _objects.Remove(key);
        Log.Append("DELETED", found.Facts, versions.Next(), found.Json);
        return (200, StatusJson.Of(200, "", ""));
    }

    private byte[] Store(string key, JsonObject value, string type)
    {
        long version = versions.Next();
        JsonObject metadata = Metadata(value);
        metadata["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        value["kind"] = kind;
        value["apiVersion"] = apiVersion;
        byte[] json = Encoding.UTF8.GetBytes(value.ToJsonString());
        var facts = new ObjectFacts(Text(metadata, "namespace"), Text(metadata, "name"))
        {
            Labels = metadata["labels"] is JsonObject labels
                ? labels.ToDictionary(
                    label => label.Key, label => label.Value?.GetValue<string>() ?? "", StringComparer.Ordinal)
                : new Dictionary<string, string>(StringComparer.Ordinal),
        };
        _objects[key] = (facts, version, json);
        Log.Append(type, facts, version, json);
        return json;
    }

    // RFC 7396.
    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        var merged = (JsonObject)target.DeepClone();
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = value is JsonObject inner
                    ? Merge(merged[name] as JsonObject ?? [], inner)
                    : value.DeepClone();
            }
        }

        return merged;
    }

    private static (int Status, byte[] Body) NotFound(ApiPath path) =>
        (404, StatusJson.Of(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found"));

    private static JsonObject Metadata(JsonObject value)
    {
        if (value["metadata"] is not JsonObject metadata)
        {
            metadata = [];
            value["metadata"] = metadata;
        }

        return metadata;
    }

    private static string Text(JsonObject value, string name) =>
        value[name] is JsonValue text && text.TryGetValue(out string? word) ? word : "";

    private static string Key(string ns, string name) => $"{ns}/{name}";
}
