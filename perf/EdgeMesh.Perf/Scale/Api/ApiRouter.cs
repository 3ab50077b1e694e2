using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>Answers requests of the Kubernetes API out of a simulated cluster.</summary>
internal sealed class ApiRouter(SimulatedCluster cluster)
{
    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(ApiRequest request, ApiConnection connection, CancellationToken stop)
    {
        if (ApiPath.Parse(request.Path) is not { } path || cluster.Find(path.Collection) is not { } collection)
        {
            await connection.AnswerAsync(
                request, 404, StatusJson.Of(404, "NotFound", "the server could not find the requested resource"), stop);
            return;
        }

        if (request.Method != "GET")
        {
            (int Status, byte[] Body) written;
            lock (cluster.Gate)
            {
                written = collection.Write(request.Method, path, request.Body);
            }

            await connection.AnswerAsync(request, written.Status, written.Body, stop);
            return;
        }

        if (path.Name.Length > 0)
        {
            byte[]? found;
            lock (cluster.Gate)
            {
                found = collection.Get(path.Namespace, path.Name);
            }

            await connection.AnswerAsync(
                request, found is null ? 404 : 200,
                found ?? StatusJson.Of(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found"), stop);
            return;
        }

        if (ObjectSelector.Parse(
            path.Namespace, request.Parameter("labelSelector"), request.Parameter("fieldSelector")) is not { } selector)
        {
            await connection.AnswerAsync(request, 400, StatusJson.Of(400, "BadRequest", "a selector is none"), stop);
            return;
        }

        await (request.Parameter("watch") is "1" or "true"
            ? new WatchAnswer(cluster, collection, selector, connection).RunAsync(request, stop)
            : connection.AnswerAsync(request, 200, List(collection, selector, request), stop));
    }

    private byte[] List(ApiCollection collection, ObjectSelector selector, ApiRequest request)
    {
        var page = new ListPage((int)request.Number("limit", 0));
        string from = request.Parameter("continue");
        string version = cluster.Versions.Last.ToString(CultureInfo.InvariantCulture);

        // A token is the first page's version and where this page begins, so that all pages name one version.
        int separator = from.IndexOf(':', StringComparison.Ordinal);
        if (separator > 0)
        {
            version = from[..separator];
            from = from[(separator + 1)..];
        }

        lock (cluster.Gate)
        {
            if (separator <= 0)
            {
                version = cluster.Versions.Last.ToString(CultureInfo.InvariantCulture);
            }

            collection.List(selector, from, page);
        }

        string next = page.Continue.Length > 0 ? $",\"continue\":\"{version}:{page.Continue}\"" : "";
        var body = new ArrayBufferWriter<byte>(page.Items.Length + 256);
        body.Write(Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"{collection.Kind}List\",\"apiVersion\":\"{collection.ApiVersion}\","
            + $"\"metadata\":{{\"resourceVersion\":\"{version}\"{next}}},\"items\":["));
        body.Write(page.Items);
        body.Write("]}"u8);
        return body.WrittenSpan.ToArray();
    }
}
