using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>
/// One watch: the changes of a collection that a selector lets through, as chunks, until its time is over.
/// </summary>
internal sealed class WatchAnswer(
    SimulatedCluster cluster, ApiCollection collection, ObjectSelector selector, ApiConnection connection)
{
    private const long SecondsDefault = 1800; // --min-request-timeout of an API server
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);

    private readonly List<ObjectEvent> _taken = [];

    /// <summary>Runs it.</summary>
    public async Task RunAsync(ApiRequest request, CancellationToken stop)
    {
        long version = request.Number("resourceVersion", 0);
        long position = 0;
        await connection.BeginChunksAsync(stop);
        if (version > 0 && !collection.Log.TryFind(version, out position))
        {
            await connection.SendChunkAsync(Expired(), stop);
            await connection.EndChunksAsync(stop);
            return;
        }

        if (version == 0)
        {
            position = await SendAllAsync(stop);
        }

        var end = TimeSpan.FromSeconds(request.Number("timeoutSeconds", SecondsDefault));
        bool withBookmarks = request.Parameter("allowWatchBookmarks") is "1" or "true";
        var clock = Stopwatch.StartNew();
        TimeSpan bookmarkDue = BookmarkInterval;
        while (clock.Elapsed < end)
        {
            _taken.Clear();
            if (!collection.Log.TryTake(ref position, _taken, out Task more))
            {
                await connection.SendChunkAsync(Expired(), stop);
                break;
            }

            await SendTakenAsync(stop);
            TimeSpan left = end - clock.Elapsed;
            TimeSpan wait = withBookmarks && bookmarkDue - clock.Elapsed < left ? bookmarkDue - clock.Elapsed : left;
            if (wait > TimeSpan.Zero)
            {
                await Task.WhenAny(more, Task.Delay(wait, stop));
                stop.ThrowIfCancellationRequested();
            }

            if (withBookmarks && clock.Elapsed >= bookmarkDue && !more.IsCompleted)
            {
                bookmarkDue = clock.Elapsed + BookmarkInterval;
                await connection.SendChunkAsync(Bookmark(), stop);
            }
        }

        await connection.EndChunksAsync(stop);
    }

    // A watch without a version begins with everything that is there.
    private async Task<long> SendAllAsync(CancellationToken stop)
    {
        var page = new ListPage(0);
        long position;
        lock (cluster.Gate)
        {
            collection.Log.TryFind(cluster.Versions.Last, out position);
            collection.List(selector, "", page);
        }

        // The objects of a page are separated by commas: cut apart by parsing.
        byte[] whole = [(byte)'[', .. page.Items, (byte)']'];
        using var parsed = System.Text.Json.JsonDocument.Parse(whole);
        foreach (System.Text.Json.JsonElement item in parsed.RootElement.EnumerateArray())
        {
            await connection.SendChunkAsync(
                Encoding.UTF8.GetBytes($"{{\"type\":\"ADDED\",\"object\":{item.GetRawText()}}}\n"), stop);
        }

        return position;
    }

    private async Task SendTakenAsync(CancellationToken stop)
    {
        foreach (ObjectEvent change in _taken)
        {
            if (selector.Matches(change.Facts))
            {
                await connection.SendChunkAsync(change.Line, stop);
            }
        }
    }

    private byte[] Bookmark()
    {
        long version;
        lock (cluster.Gate)
        {
            version = cluster.Versions.Last;
        }

        string head = $"\"kind\":\"{collection.Kind}\",\"apiVersion\":\"{collection.ApiVersion}\"";
        string metadata = string.Create(
            CultureInfo.InvariantCulture, $"\"resourceVersion\":\"{version}\",\"creationTimestamp\":null");
        return Encoding.UTF8.GetBytes(
            "{\"type\":\"BOOKMARK\",\"object\":{" + head + ",\"metadata\":{" + metadata + "}}}\n");
    }

    // As kube-apiserver tells it: HTTP 200, and an event.
    private static byte[] Expired() =>
    [
        .. "{\"type\":\"ERROR\",\"object\":"u8, .. StatusJson.Of(410, "Expired", "too old resource version"),
        .. "}\n"u8,
    ];
}
