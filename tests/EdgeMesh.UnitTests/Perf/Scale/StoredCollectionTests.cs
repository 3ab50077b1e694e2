using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using EdgeMesh.Perf.Scale.Api;
using Xunit;

namespace EdgeMesh.UnitTests.Perf.Scale;

public sealed class StoredCollectionTests
{
    private static readonly ApiPath Collection = ApiPath.Parse("/api/v1/namespaces/kubeedge/configmaps")!;
    private static readonly ApiPath One = ApiPath.Parse("/api/v1/namespaces/kubeedge/configmaps/one")!;

    private readonly StoredCollection _maps = new("ConfigMap", "v1", new VersionCounter());

    [Fact]
    public void A_name_is_made_once()
    {
        Assert.Equal(201, Write("POST", Collection, """{"metadata":{"name":"one"},"data":{"a":"1"}}""").Status);
        Assert.Equal(409, Write("POST", Collection, """{"metadata":{"name":"one"}}""").Status);
        Assert.Equal("kubeedge", Read().GetProperty("metadata").GetProperty("namespace").GetString());
    }

    [Fact]
    public void A_write_with_an_old_version_is_a_conflict_and_without_one_the_last_wins()
    {
        string old = Version(Write("POST", Collection, """{"metadata":{"name":"one"}}""").Body);
        string body = $$$"""{"metadata":{"name":"one","resourceVersion":"{{{old}}}"},"data":{"a":"1"}}""";
        Assert.Equal(200, Write("PUT", One, body).Status);
        Assert.Equal(409, Write("PUT", One, body).Status);
        Assert.Equal(200, Write("PUT", One, """{"metadata":{"name":"one"},"data":{"a":"2"}}""").Status);
    }

    [Fact]
    public void A_merge_patch_keeps_what_it_does_not_name_and_removes_what_is_null()
    {
        Write("POST", Collection, """{"metadata":{"name":"one"},"data":{"a":"1","b":"2"}}""");
        Assert.Equal(200, Write("PATCH", One, """{"data":{"a":null,"c":"3"}}""").Status);
        Assert.Equal(["b", "c"], Read().GetProperty("data").EnumerateObject().Select(entry => entry.Name).Order());
    }

    [Fact]
    public void A_deletion_keeps_to_its_preconditions()
    {
        string version = Version(Write("POST", Collection, """{"metadata":{"name":"one"}}""").Body);
        Assert.Equal(409, Write("DELETE", One, """{"preconditions":{"resourceVersion":"1"}}""").Status);
        Assert.Equal(409, Write("DELETE", One, """{"preconditions":{"uid":"other"}}""").Status);
        Assert.Equal(200, Write("DELETE", One, $$$"""{"preconditions":{"resourceVersion":"{{{version}}}"}}""").Status);
        Assert.Equal(404, Write("DELETE", One, "").Status);
        Assert.Equal(0, _maps.Count);
    }

    [Fact]
    public void Each_change_is_an_event_with_a_greater_version()
    {
        Write("POST", Collection, """{"metadata":{"name":"one","labels":{"kind":"mesh"}}}""");
        Write("PATCH", One, """{"data":{"a":"1"}}""");
        Write("DELETE", One, "");
        long position = 0;
        var events = new List<ObjectEvent>();
        _maps.Log.TryTake(ref position, events, out _);
        Assert.Equal(
            ["ADDED", "MODIFIED", "DELETED"],
            events.Select(change => JsonDocument.Parse(change.Line).RootElement.GetProperty("type").GetString()!));
        Assert.Equal(events.Select(change => change.Version).Order(), events.Select(change => change.Version));
        Assert.Equal("mesh", events[0].Facts.Labels["kind"]);
    }

    private (int Status, byte[] Body) Write(string method, ApiPath path, string body) =>
        _maps.Write(method, path, Encoding.UTF8.GetBytes(body));

    private JsonElement Read() => JsonDocument.Parse(_maps.Get("kubeedge", "one")!).RootElement;

    private static string Version(byte[] body) => JsonDocument.Parse(body).RootElement
        .GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
}
