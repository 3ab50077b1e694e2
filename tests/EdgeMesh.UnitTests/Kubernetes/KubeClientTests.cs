using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.Kubernetes;

public sealed class KubeClientTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_object_is_made_read_changed_and_deleted()
    {
        KubeResponse<KubeConfigMap> made =
            await _bench.Client.CreateAsync(KubeResources.ConfigMaps, Bench.Map("m"), None);
        Assert.True(made.IsFound, made.Problem);
        KubeResponse<KubeConfigMap> again =
            await _bench.Client.CreateAsync(KubeResources.ConfigMaps, Bench.Map("m"), None);
        Assert.Equal(KubeResult.Conflict, again.Result);
        Assert.Contains("exists already", again.Problem, StringComparison.Ordinal);

        KubeConfigMap value = made.Value;
        value.Data = new() { ["key"] = "2" };
        KubeResponse<KubeConfigMap> replaced =
            await _bench.Client.ReplaceAsync(KubeResources.ConfigMaps, value, None);
        Assert.Equal("2", replaced.Value!.Data!["key"]);
        Assert.Equal(
            KubeResult.Conflict, (await _bench.Client.ReplaceAsync(KubeResources.ConfigMaps, value, None)).Result);

        KubeResponse<KubeConfigMap> patched = await _bench.Client.PatchAsync(
            KubeResources.ConfigMaps, "edge", "m", """{"data":{"key":null,"other":"3"}}"""u8.ToArray(), None);
        Assert.Equal("other=3", string.Join(',', patched.Value!.Data!.Select(pair => $"{pair.Key}={pair.Value}")));

        KubeResponse<KubeConfigMap> kept = await _bench.Client.DeleteAsync(
            KubeResources.ConfigMaps, "edge", "m", new KubeDeletion(Uid: "another"), None);
        Assert.Equal(KubeResult.Conflict, kept.Result);
        KubeResponse<KubeConfigMap> deleted = await _bench.Client.DeleteAsync(
            KubeResources.ConfigMaps, "edge", "m", new KubeDeletion(value.Metadata.Uid), None);
        Assert.Equal(KubeResult.Found, deleted.Result);
        KubeResponse<KubeConfigMap> gone = await _bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        Assert.Equal((KubeResult.NotFound, true), (gone.Result, gone.ProvesAbsence));
    }

    [Theory]
    [InlineData(401, KubeResult.Forbidden, "does not accept the credentials")]
    [InlineData(403, KubeResult.Forbidden, "apiGroups: [\"\"], resources: [\"configmaps\"], verbs: [\"get\"]")]
    [InlineData(404, KubeResult.NotFound, "get configmaps/m in namespace edge: not found")]
    [InlineData(409, KubeResult.Conflict, "somebody else changed it")]
    [InlineData(410, KubeResult.Gone, "list again")]
    [InlineData(302, KubeResult.Invalid, "redirect")]
    [InlineData(400, KubeResult.Invalid, "because")]
    [InlineData(413, KubeResult.Invalid, "too large")]
    [InlineData(422, KubeResult.Invalid, "because")]
    [InlineData(429, KubeResult.Unavailable, "busy")]
    [InlineData(500, KubeResult.Unavailable, "because")]
    [InlineData(503, KubeResult.Unavailable, "fails (503)")]
    [InlineData(504, KubeResult.Unavailable, "time ran out")]
    public async Task Every_status_is_a_result_with_cause_and_remedy(int code, KubeResult result, string sentence)
    {
        _bench.Api.Intercept = (_, _) => StandInAnswer.Status(code, "Reason", "because") with { RetryAfterSeconds = 7 };
        KubeResponse<KubeConfigMap> answer = await _bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        Assert.Equal(result, answer.Result);
        Assert.Equal(code, answer.StatusCode);
        Assert.Contains(sentence, answer.Problem, StringComparison.Ordinal);
        Assert.Equal(code == 404, answer.ProvesAbsence);
        KubePage<KubeConfigMap> page = await _bench.Client.ListAsync(KubeResources.ConfigMaps, "edge", null, None);
        Assert.Equal((result, TimeSpan.FromSeconds(7)), (page.Result, page.RetryAfter));
        Assert.Empty(page.Items);
        KubeEvent<KubeConfigMap> only = Assert.Single(await WatchAsync());
        Assert.Equal((KubeEventKind.Failed, result), (only.Kind, only.Result));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_ends_with_the_time_limit()
    {
        _bench.Api.Intercept = (_, _) => new StandInAnswer(200, [], Delay: TimeSpan.FromMinutes(1));
        Task<KubeResponse<KubeConfigMap>> asked =
            _bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        await _bench.Time.WaitingForAsync(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        _bench.Time.Advance(TimeSpan.FromSeconds(10));
        KubeResponse<KubeConfigMap> answer = await asked;
        Assert.Equal(KubeResult.Unavailable, answer.Result);
        Assert.Contains("within 10 s", answer.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, KubeResult.Found)]
    [InlineData(20, KubeResult.Unavailable)]
    public async Task An_answer_that_keeps_coming_is_waited_for_but_not_for_ever(int pieces, KubeResult expected)
    {
        StandInWatch? body = null;
        _bench.Api.Intercept = (_, query) =>
            new StandInAnswer(200, [], body = new StandInWatch(query, isSilent: false));
        Task<KubeResponse<KubeConfigMap>> asked =
            _bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        await _bench.Time.WaitingForAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        body!.SendLine("""{"kind":"ConfigMap","metadata":{"name":"m","namespace":"edge"}""");
        for (int i = 0; i < pieces && !asked.IsCompleted; i++)
        {
            await Task.WhenAny(
                asked, _bench.Time.WaitingForAsync(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(10)));
            _bench.Time.Advance(TimeSpan.FromSeconds(9));
            body.SendLine("");
        }

        body.SendLine("}");
        body.End();
        Assert.Equal(expected, (await asked).Result);
    }

    [Fact]
    public async Task Cancelling_throws_and_nothing_else_does()
    {
        _bench.Api.Intercept = (_, _) => new StandInAnswer(200, [], Delay: TimeSpan.FromMinutes(1));
        using var cancel = new CancellationTokenSource();
        Task<KubeResponse<KubeConfigMap>> asked =
            _bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Theory]
    [InlineData("<html>a proxy's page</html>", "broken")]
    [InlineData("""{"kind":"ConfigMap","metadata":{"name":"m","namespace":"edge"},"data":[]}""", "'data'")]
    [InlineData("", "broken")]
    public async Task An_answer_that_cannot_be_read_is_malformed(string body, string why)
    {
        _bench.Api.Intercept = (_, _) => new StandInAnswer(200, Encoding.UTF8.GetBytes(body));
        KubeResponse<KubeConfigMap> answer = await _bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        Assert.Equal(KubeResult.Malformed, answer.Result);
        Assert.Contains(why, answer.Problem, StringComparison.Ordinal);
        Assert.Equal(
            KubeResult.Malformed, (await _bench.Client.ListAsync(KubeResources.ConfigMaps, "edge", null, None)).Result);
    }

    [Fact]
    public async Task Answers_and_lines_have_a_limit()
    {
        using var bench = new Bench(options: new() { ResponseBytesMax = 500, WatchLineBytesMax = 500 });
        bench.Put("m", new string('x', 600));
        KubeResponse<KubeConfigMap> answer = await bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        Assert.Equal(KubeResult.Malformed, answer.Result);
        Assert.Contains("longer than 500 bytes", answer.Problem, StringComparison.Ordinal);
        List<KubeEvent<KubeConfigMap>> events = await ReadAsync(bench, new KubeWatchOptions());
        Assert.Equal([KubeEventKind.Opened, KubeEventKind.Failed], events.Select(change => change.Kind));
        Assert.Contains("longer than 500 bytes", events[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        for (int i = 0; i < 7; i++)
        {
            _bench.Put($"m{i}");
        }

        KubePage<KubeConfigMap> all = await _bench.Client.ListAllAsync(
            KubeResources.ConfigMaps, null, new KubePageOptions { Limit = 3, LabelSelector = "app=mesh" }, None);
        Assert.Equal(7, all.Items.Count);
        Assert.Equal(3, _bench.Api.Requests.Count);
        Assert.Contains("labelSelector=app%3Dmesh&limit=3&continue=", _bench.Api.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_expired_version_is_gone_by_status_and_by_event(bool byStatus)
    {
        _bench.Put("m");
        _bench.Api.Compact();
        _bench.Api.SaysGoneByStatus = byStatus;
        List<KubeEvent<KubeConfigMap>> events =
            await ReadAsync(_bench, new KubeWatchOptions { ResourceVersion = "1" });
        Assert.Equal((KubeEventKind.Failed, KubeResult.Gone), (events[^1].Kind, events[^1].Result));
    }

    [Fact]
    public async Task A_watch_brings_changes_until_its_time_is_over()
    {
        await using IAsyncEnumerator<KubeEvent<KubeConfigMap>> watch = _bench.Client.WatchAsync(
            KubeResources.ConfigMaps, "edge", new() { Duration = TimeSpan.FromSeconds(60) }, None).GetAsyncEnumerator();
        Assert.Equal(KubeEventKind.Opened, await NextAsync(watch));
        _bench.Put("m");
        Assert.Equal(KubeEventKind.Added, await NextAsync(watch));
        _bench.Put("m", "2");
        Assert.Equal(KubeEventKind.Modified, await NextAsync(watch));
        _bench.Api.SendLine("");
        _bench.Api.SendLine("{\"type\":\"ADDED\"}");
        Assert.Equal(KubeEventKind.Malformed, await NextAsync(watch));
        _bench.Delete("m");
        Assert.Equal(KubeEventKind.Deleted, await NextAsync(watch));
        _bench.Api.SendBookmarks();
        Assert.Equal(KubeEventKind.Bookmark, await NextAsync(watch));
        _bench.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task A_watch_that_breaks_says_so()
    {
        await using IAsyncEnumerator<KubeEvent<KubeConfigMap>> watch = _bench.Client.WatchAsync(
            KubeResources.ConfigMaps, "edge", new(), None).GetAsyncEnumerator();
        Assert.Equal(KubeEventKind.Opened, await NextAsync(watch));
        _bench.Api.EndWatches(new IOException("cut"));
        Assert.Equal(KubeEventKind.Failed, await NextAsync(watch));
        Assert.Equal(KubeResult.Unavailable, watch.Current.Result);
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task The_token_is_read_again_each_minute()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("token");
        await File.WriteAllTextAsync(file, "one\n");
        using var bench = new Bench(Bench.ApiAccess with { TokenFile = file });
        Assert.Equal("one", await TokenAsync(bench));
        await File.WriteAllTextAsync(file, "two");
        Assert.Equal("one", await TokenAsync(bench));
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("two", await TokenAsync(bench));

        File.Delete(file); // as it is for a moment while it is replaced
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("two", await TokenAsync(bench));
        await File.WriteAllTextAsync(file, "three");
        bench.Api.Intercept = (_, _) => StandInAnswer.Status(401, "Unauthorized", "expired");
        Assert.Equal("two", await TokenAsync(bench));
        Assert.Equal("three", await TokenAsync(bench));
    }

    [Fact]
    public async Task A_token_that_is_missing_is_a_problem_with_its_path()
    {
        using var bench = new Bench(Bench.ApiAccess with { TokenFile = "/nowhere/token" });
        KubeResponse<KubeConfigMap> answer = await bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        Assert.Equal(KubeResult.Unavailable, answer.Result);
        Assert.Contains("/nowhere/token", answer.Problem, StringComparison.Ordinal);
        Assert.Empty(bench.Api.Requests);
    }

    [Fact]
    public async Task Requests_name_the_program_and_keep_a_path_of_the_server()
    {
        using var bench = new Bench(
            new KubeAccess { Server = new Uri("https://host/proxy/c1"), Kind = KubeAccessKind.Kubeconfig },
            new() { Version = "1.2.3" });
        await bench.Client.GetAsync(KubeResources.DaemonSets, "a b", "m", None);
        Assert.Equal(
            "https://host/proxy/c1/apis/apps/v1/namespaces/a%20b/daemonsets/m",
            bench.Handler.Last!.RequestUri!.AbsoluteUri);
        Assert.Equal(new Version(2, 0), bench.Handler.Last.Version);
        Assert.Contains(bench.Handler.Last.Headers.UserAgent, agent => agent.ToString() == "edgemesh/1.2.3");
    }

    private static async Task<string?> TokenAsync(Bench bench)
    {
        await bench.Client.GetAsync(KubeResources.ConfigMaps, "edge", "m", None);
        return bench.Handler.Last!.Headers.Authorization!.Parameter;
    }

    private static async Task<KubeEventKind> NextAsync(IAsyncEnumerator<KubeEvent<KubeConfigMap>> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return watch.Current.Kind;
    }

    private Task<List<KubeEvent<KubeConfigMap>>> WatchAsync() => ReadAsync(_bench, new KubeWatchOptions());

    private static async Task<List<KubeEvent<KubeConfigMap>>> ReadAsync(Bench bench, KubeWatchOptions options)
    {
        var events = new List<KubeEvent<KubeConfigMap>>();
        await foreach (KubeEvent<KubeConfigMap> change in
            bench.Client.WatchAsync(KubeResources.ConfigMaps, "edge", options, None))
        {
            events.Add(change);
        }

        return events;
    }
}
