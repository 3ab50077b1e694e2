using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>Behaves as KubeEdge's metaServer, with everything that misleads a client of an API server.</summary>
/// <param name="cloud">The API server in the cloud.</param>
/// <remarks>
/// Sources are of KubeEdge: edge/pkg/metamanager/metaserver/kubernetes/storage/storage.go (first the cloud, then the
/// table meta_v2; the line that would cache lists is commented out), its handlerfactory/handler.go (minRequestTimeout
/// 1800 s), cloud/pkg/dynamiccontroller/application (a watch is registered by the application that opened it, which is
/// dropped when the send fails).
/// </remarks>
public sealed class StandInMetaServer(StandInApi cloud)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _cache = new(StringComparer.Ordinal);

    /// <summary>The API server in the cloud.</summary>
    public StandInApi Cloud { get; } = cloud;

    /// <summary>How the link to the cloud is; see <see cref="SetLink"/>.</summary>
    public StandInLink Link { get; private set; }

    /// <summary>How long each request waits on a half-dead link; 10 s in KubeEdge.</summary>
    public TimeSpan HalfDeadWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Are watches that are opened now silent for ever, their time limit included (kubeedge#4699)?</summary>
    public bool OpensDeadWatches { get; set; }

    /// <summary>Changes the link. When it comes back, open watches get everything as ADDED, and no DELETED.</summary>
    public void SetLink(StandInLink link)
    {
        lock (_lock)
        {
            StandInLink before = Link;
            Link = link;
            if (before == StandInLink.Online && link != StandInLink.Online)
            {
                Cut();
            }
            else if (before != StandInLink.Online && link == StandInLink.Online)
            {
                Reconnect();
            }
        }
    }

    /// <summary>Forgets what was cached, as a new database of edgecore has nothing.</summary>
    public void ClearCache()
    {
        lock (_lock)
        {
            _cache.Clear();
        }
    }

    /// <summary>Says DELETED of an object that lives, to every watch for it.</summary>
    public void RepeatDeleted<T>(KubeResource<T> resource, string? ns, string name)
        where T : KubeObject => Cloud.ForEachWatch(watch =>
        {
            JsonObject? item = Cloud.Snapshot(StandInApi.KindOf(resource)).FirstOrDefault(
                item => StandInStore.NameOf(item) == name && StandInStore.NamespaceOf(item) == (ns ?? ""));
            if (item is not null && watch.Query.Kind == StandInApi.KindOf(resource) && watch.Query.Matches(item))
            {
                watch.Send("DELETED", item);
            }
        });

    /// <summary>Answers a request.</summary>
    public StandInAnswer Handle(string method, string target, byte[] body)
    {
        var query = new StandInQuery(target);
        lock (_lock)
        {
            StandInAnswer answer = (method, query.IsWatch && query.Name.Length == 0) switch
            {
                ("GET", true) => Watch(query),
                ("GET", false) when query.Name.Length > 0 => Get(target, query),
                ("GET", false) => List(target, query),
                _ when Link == StandInLink.Online => Cloud.Handle(method, target, body),
                _ => StandInAnswer.Status(500, "InternalError", "connection to cloud is lost"),
            };
            return Link == StandInLink.HalfDead ? answer with { Delay = HalfDeadWait } : answer;
        }
    }

    // Whatever keeps the cloud from answering, a 404 included, the cache is asked next.
    private StandInAnswer Get(string target, StandInQuery query)
    {
        string key = StandInStore.KeyOf(query.Kind, query.Namespace, query.Name);
        if (Link == StandInLink.Online)
        {
            StandInAnswer answer = Cloud.Handle("GET", target, []);
            if (answer.Code == 200)
            {
                _cache[key] = JsonNode.Parse(answer.Body)!.AsObject();
                return answer;
            }

            return answer.Code == 404 && _cache.TryGetValue(key, out JsonObject? stale)
                ? StandInAnswer.Of(stale)
                : answer;
        }

        return _cache.TryGetValue(key, out JsonObject? cached)
            ? StandInAnswer.Of(cached)
            : StandInAnswer.Status(404, "NotFound", $"{query.Plural} \"{query.Name}\" not found");
    }

    private StandInAnswer List(string target, StandInQuery query)
    {
        if (Link == StandInLink.Online)
        {
            return Cloud.Handle("GET", target.Replace("limit=", "ignored=", StringComparison.Ordinal), []);
        }

        JsonNode[] items =
        [
            .. _cache.Where(pair => pair.Key.StartsWith($"{query.Kind}|", StringComparison.Ordinal))
                .Where(pair => query.Matches(pair.Value)).Select(pair => pair.Value.DeepClone()),
        ];
        var metadata = new JsonObject { ["resourceVersion"] = items.Length == 0 ? "" : "7" };
        if (items.Length > 0)
        {
            metadata["selfLink"] = query.Path;
        }

        return StandInAnswer.Of(new JsonObject
        {
            ["kind"] = "List",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["items"] = new JsonArray(items),
        });
    }

    // A watch that is opened offline stays unknown to the cloud; it only ends when its own time is over.
    private StandInAnswer Watch(StandInQuery query)
    {
        bool isOffline = Link != StandInLink.Online;
        StandInWatch watch = Cloud.Open(
            query, isSilent: isOffline || OpensDeadWatches, sendsAll: true, ends: !OpensDeadWatches);
        return new StandInAnswer(200, [], watch);
    }

    private void Cut() => Cloud.ForEachWatch(watch =>
    {
        watch.IsCut = true;
        foreach (JsonObject item in watch.IsSilent ? [] : Cloud.Snapshot(watch.Query.Kind).Where(watch.Query.Matches))
        {
            _cache[StandInStore.KeyOf(
                watch.Query.Kind, StandInStore.NamespaceOf(item), StandInStore.NameOf(item))] = item;
        }
    });

    private void Reconnect() => Cloud.ForEachWatch(watch =>
    {
        watch.IsCut = false;
        foreach (JsonObject item in Cloud.Snapshot(watch.Query.Kind).Where(watch.Query.Matches))
        {
            watch.Send("ADDED", item);
        }
    });
}
