using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>Behaves as an API server: real resourceVersions, pages, watches, conflicts, 410 after compaction.</summary>
/// <param name="time">Ends watches.</param>
/// <remarks>Safe from every thread. What a wire adds is elsewhere.</remarks>
public sealed class StandInApi(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly StandInStore _store = new();
    private readonly List<StandInWatch> _watches = [];
    private readonly List<string> _requests = [];

    /// <summary>Looks at each request first; null: it goes on. For failures of every kind.</summary>
    public Func<string, StandInQuery, StandInAnswer?>? Intercept { get; set; }

    /// <summary>Is an expired version told by HTTP 410? Else by 200 and an ERROR event, as today.</summary>
    public bool SaysGoneByStatus { get; set; }

    /// <summary>What was asked: "GET /api/v1/pods?...".</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Open watches.</summary>
    public int Watches
    {
        get
        {
            lock (_lock)
            {
                return _watches.Count;
            }
        }
    }

    /// <summary>Makes or replaces an object, as another client would.</summary>
    public void Put<T>(KubeResource<T> resource, T item)
        where T : KubeObject
    {
        ArgumentNullException.ThrowIfNull(item);
        item.ApiVersion = resource.ApiVersion;
        item.Kind = resource.Kind;
        PutJson(resource, JsonSerializer.Serialize(item, resource.Json));
    }

    /// <summary>As <see cref="Put{T}"/>, also of what no client would send.</summary>
    public void PutJson<T>(KubeResource<T> resource, string json)
        where T : KubeObject
    {
        lock (_lock)
        {
            Publish(_store.Put(KindOf(resource), JsonNode.Parse(json)!.AsObject()));
        }
    }

    public void Delete<T>(KubeResource<T> resource, string? ns, string name)
        where T : KubeObject
    {
        lock (_lock)
        {
            Publish(_store.Delete(KindOf(resource), ns ?? "", name));
        }
    }

    public T? Find<T>(KubeResource<T> resource, string? ns, string name)
        where T : KubeObject
    {
        lock (_lock)
        {
            return _store.Find(KindOf(resource), ns ?? "", name)?.Deserialize(resource.Json);
        }
    }

    /// <summary>All of a kind.</summary>
    public IReadOnlyList<T> All<T>(KubeResource<T> resource)
        where T : KubeObject
    {
        lock (_lock)
        {
            return [.. _store.Of(KindOf(resource)).Select(item => item.Deserialize(resource.Json)!)];
        }
    }

    /// <summary>Forgets all changes up to now, as etcd's compaction does.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _store.Compact();
        }
    }

    /// <summary>Sends every watch a bookmark with the newest version.</summary>
    public void SendBookmarks() => ForEachWatch(watch => watch.Send("BOOKMARK", new JsonObject
    {
        ["metadata"] = new JsonObject { ["resourceVersion"] = Text(_store.Version) },
    }));

    /// <summary>Sends every watch a line as it is.</summary>
    public void SendLine(string line) => ForEachWatch(watch => watch.SendLine(line));

    /// <summary>Ends every watch.</summary>
    public void EndWatches(Exception? failure = null) => ForEachWatch(watch => Close(watch, failure));

    /// <summary>Answers a request.</summary>
    public StandInAnswer Handle(string method, string target, byte[] body)
    {
        var query = new StandInQuery(target);
        lock (_lock)
        {
            _requests.Add($"{method} {target}");
        }

        return Intercept?.Invoke(method, query) ?? Serve(method, query, body);
    }

    /// <summary>Answers without looking at <see cref="Intercept"/>.</summary>
    public StandInAnswer Serve(string method, StandInQuery query, byte[] body)
    {
        lock (_lock)
        {
            return method switch
            {
                "GET" when query.Name.Length > 0 => Get(query),
                "GET" when query.IsWatch => Watch(query),
                "GET" => List(query),
                "POST" => Create(query, Read(body)),
                "PUT" => Replace(query, Read(body)),
                "PATCH" => Patch(query, Read(body)),
                "DELETE" => Remove(query, body),
                _ => StandInAnswer.Status(405, "MethodNotAllowed", method),
            };
        }
    }

    internal void Close(StandInWatch watch, Exception? failure = null)
    {
        lock (_lock)
        {
            _watches.Remove(watch);
            watch.End(failure);
        }
    }

    internal IReadOnlyList<JsonObject> Snapshot(string kind)
    {
        lock (_lock)
        {
            return [.. _store.Of(kind).Select(item => (JsonObject)item.DeepClone())];
        }
    }

    internal void ForEachWatch(Action<StandInWatch> action)
    {
        lock (_lock)
        {
            foreach (StandInWatch watch in _watches.ToArray())
            {
                action(watch);
            }
        }
    }

    internal static string KindOf<T>(KubeResource<T> resource)
        where T : KubeObject => $"{(resource.Group.Length == 0 ? "api/" : $"apis/{resource.Group}/")}"
            + $"{resource.Version}/{resource.Plural}";

    /// <summary>Opens a watch.</summary>
    /// <param name="query">What for.</param>
    /// <param name="isSilent">Does nothing ever come through it?</param>
    /// <param name="sendsAll">Does it begin with all objects?</param>
    /// <param name="ends">Does it end in time?</param>
    internal StandInWatch Open(StandInQuery query, bool isSilent, bool sendsAll, bool ends)
    {
        var watch = new StandInWatch(query, isSilent);
        lock (_lock)
        {
            _watches.Add(watch);
            foreach (JsonObject item in sendsAll ? _store.Of(query.Kind).Where(query.Matches) : [])
            {
                watch.Send("ADDED", item);
            }
        }

        if (ends && int.TryParse(query["timeoutSeconds"], out int seconds))
        {
            watch.Timer = time.CreateTimer(
                _ => Close(watch), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
        }

        return watch;
    }

    private StandInAnswer Get(StandInQuery query) =>
        _store.Find(query.Kind, query.Namespace, query.Name) is { } item ? StandInAnswer.Of(item) : Missing(query);

    private StandInAnswer List(StandInQuery query)
    {
        int from = 0;
        long version = _store.Version;
        if (query["continue"] is { Length: > 0 } token)
        {
            string[] parts = token.Split('.');
            if (parts.Length != 2 || !long.TryParse(parts[0], out version) || !int.TryParse(parts[1], out from))
            {
                return StandInAnswer.Status(400, "BadRequest", "continue key is not valid");
            }

            if (version < _store.CompactedVersion)
            {
                return StandInAnswer.Status(410, "Expired", "The provided continue parameter is too old");
            }
        }

        List<JsonObject> all = [.. _store.Of(query.Kind).Where(query.Matches)];
        int limit = int.TryParse(query["limit"], out int wanted) && wanted > 0 ? wanted : int.MaxValue;
        var metadata = new JsonObject { ["resourceVersion"] = Text(version) };
        if (all.Count - from > limit)
        {
            metadata["continue"] = $"{version}.{from + limit}";
        }

        return StandInAnswer.Of(new JsonObject
        {
            ["kind"] = "List",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. all.Skip(from).Take(limit).Select(item => item.DeepClone())]),
        });
    }

    private StandInAnswer Watch(StandInQuery query)
    {
        string wanted = query["resourceVersion"];
        long version = long.TryParse(wanted, out long number) ? number : 0;
        if (version > 0 && version < _store.CompactedVersion)
        {
            JsonObject gone = StandInAnswer.StatusObject(410, "Expired", $"too old resource version: {version}");
            if (SaysGoneByStatus)
            {
                return StandInAnswer.Of(gone, 410);
            }

            var dead = new StandInWatch(query, isSilent: false);
            dead.Send("ERROR", gone);
            dead.End();
            return new StandInAnswer(200, [], dead);
        }

        StandInWatch watch = Open(query, isSilent: false, sendsAll: version == 0, ends: true);
        foreach (StandInChange change in version == 0 ? [] : _store.Since(query.Kind, version))
        {
            change.Tell(watch);
        }

        return new StandInAnswer(200, [], watch);
    }

    private StandInAnswer Create(StandInQuery query, JsonObject item)
    {
        item["metadata"]!["namespace"] = query.Namespace.Length == 0 ? null : query.Namespace;
        string name = StandInStore.NameOf(item);
        if (_store.Find(query.Kind, query.Namespace, name) is not null)
        {
            return StandInAnswer.Status(409, "AlreadyExists", $"{query.Plural} \"{name}\" already exists");
        }

        item["metadata"]!["creationTimestamp"] = KubeTimestamp.FormatSeconds(time.GetUtcNow());
        return Published(_store.Put(query.Kind, item), 201);
    }

    private StandInAnswer Replace(StandInQuery query, JsonObject item)
    {
        if (_store.Find(query.Kind, query.Namespace, query.Name) is not { } old)
        {
            return Missing(query);
        }

        string version = StandInStore.VersionOf(item);
        return version.Length == 0 || version == StandInStore.VersionOf(old)
            ? Published(_store.Put(query.Kind, item), 200)
            : StandInAnswer.Status(409, "Conflict", "the object has been modified");
    }

    private StandInAnswer Patch(StandInQuery query, JsonObject patch)
    {
        if (_store.Find(query.Kind, query.Namespace, query.Name) is not { } old)
        {
            return Missing(query);
        }

        // A patch that names a version holds for that version only.
        if (patch["metadata"]?["resourceVersion"]?.GetValue<string>() is { } version
            && version != old["metadata"]!["resourceVersion"]!.GetValue<string>())
        {
            return StandInAnswer.Status(409, "Conflict", "the object has been modified");
        }

        var merged = (JsonObject)old.DeepClone();
        Merge(merged, patch);
        return Published(_store.Put(query.Kind, merged), 200);
    }

    private StandInAnswer Remove(StandInQuery query, byte[] body)
    {
        if (_store.Find(query.Kind, query.Namespace, query.Name) is not { } old)
        {
            return Missing(query);
        }

        JsonNode? must = body.Length == 0 ? null : Read(body)["preconditions"];
        foreach (string field in (string[])["uid", "resourceVersion"])
        {
            if (must?[field]?.GetValue<string>() is { } wanted
                && wanted != old["metadata"]![field]!.GetValue<string>())
            {
                return StandInAnswer.Status(409, "Conflict", $"the {field} in the precondition does not match");
            }
        }

        Publish(_store.Delete(query.Kind, query.Namespace, query.Name));
        return StandInAnswer.Status(200, "", "deleted");
    }

    private StandInAnswer Published(StandInChange change, int code)
    {
        Publish(change);
        return StandInAnswer.Of(change.New!, code);
    }

    private void Publish(StandInChange? change) => _watches.ForEach(watch => change?.Tell(watch));

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach ((string key, JsonNode? value) in patch)
        {
            if (value is null)
            {
                target.Remove(key);
            }
            else if (value is JsonObject part && target[key] is JsonObject whole)
            {
                Merge(whole, part);
            }
            else
            {
                target[key] = value.DeepClone();
            }
        }
    }

    private static StandInAnswer Missing(StandInQuery query) =>
        StandInAnswer.Status(404, "NotFound", $"{query.Plural} \"{query.Name}\" not found");

    private static JsonObject Read(byte[] body) => JsonNode.Parse(Encoding.UTF8.GetString(body))!.AsObject();

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
