using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Watching;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.Kubernetes;

public sealed class ReflectorTests
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task A_list_is_told_and_then_each_change()
    {
        using var bench = new Bench();
        bench.Put("a");
        bench.Put("b");
        await using var run = new ReflectorRun(bench, new ReflectorOptions { PageObjects = 1 });
        Assert.Equal(["Present edge/a", "Present edge/b", "Listed", "Watching"], await run.TakeAsync(4));
        bench.Put("c");
        bench.Put("a", "2");
        bench.Delete("b");
        Assert.Equal(["Present edge/c", "Present edge/a", "Deleted edge/b"], await run.TakeAsync(3));
    }

    [Fact]
    public async Task A_list_that_breaks_after_a_page_is_begun_again_before_anything_is_watched()
    {
        using var bench = new Bench();
        bench.Put("a");
        bench.Put("b");
        bench.Api.Intercept = (_, query) =>
            query["continue"].Length > 0 ? StandInAnswer.Status(503, "ServiceUnavailable", "busy") : null;
        await using var run = new ReflectorRun(bench, new ReflectorOptions { PageObjects = 1 });
        Assert.Equal("Present edge/a", Assert.Single(await run.TakeAsync(1)));
        Assert.StartsWith("Failed", Assert.Single(await run.TakeAsync(1)), StringComparison.Ordinal);
        bench.Api.Intercept = null;
        await run.WaitOutAsync(FirstWait);
        Assert.Equal(["Present edge/b", "Listed", "Watching"], await run.TakeAsync(3));
    }

    [Fact]
    public async Task A_watch_that_ended_in_time_goes_on_from_the_last_version_without_a_list()
    {
        using var bench = new Bench();
        await using var run = new ReflectorRun(bench);
        Assert.Equal(["Listed", "Watching"], await run.TakeAsync(2));
        bench.Put("a");
        Assert.Equal(["Present edge/a"], await run.TakeAsync(1));
        bench.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(["Watching"], await run.TakeAsync(1));
        bench.Put("b");
        Assert.Equal(["Present edge/b"], await run.TakeAsync(1));
        Assert.Single(bench.Api.Requests, request => !request.Contains("watch=true", StringComparison.Ordinal));
        string[] watches =
            [.. bench.Api.Requests.Where(request => request.Contains("watch", StringComparison.Ordinal))];
        Assert.All(watches, watch => Assert.InRange(
            int.Parse(watch.Split("timeoutSeconds=")[1].Split('&')[0]), 60, 300));
        Assert.EndsWith("resourceVersion=101", watches[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bookmark_moves_the_version_on()
    {
        using var bench = new Bench();
        await using var run = new ReflectorRun(bench);
        await run.TakeAsync(2);
        bench.Api.Put(KubeResources.Nodes, new KubeNode { Metadata = { Name = "n" } });
        bench.Api.SendBookmarks();
        bench.Put("a");
        Assert.Equal(["Present edge/a"], await run.TakeAsync(1));
        bench.Api.Compact();
        bench.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(["Watching"], await run.TakeAsync(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_expired_version_leads_to_a_new_list(bool byStatus)
    {
        using var bench = new Bench();
        bench.Put("a");
        bench.Put("b");
        bench.Api.SaysGoneByStatus = byStatus;
        await using var run = new ReflectorRun(bench);
        await run.TakeAsync(4);
        bench.Api.EndWatches(new IOException("cut"));
        Assert.Equal(["Failed Unavailable"], await run.TakeAsync(1));
        bench.Delete("b");
        bench.Put("c");
        bench.Api.Compact();
        await run.WaitOutAsync(FirstWait);
        if (!byStatus)
        {
            Assert.Equal(["Watching"], await run.TakeAsync(1)); // 200 first, then the ERROR event
        }

        Assert.Equal(["Failed Gone"], await run.TakeAsync(1));
        await run.WaitOutAsync(FirstWait * 2);
        // 'a' has not changed and is not told again; 'b' is missing, which proves nothing by itself.
        Assert.Equal(["Present edge/c", "Missing edge/b", "Listed", "Watching"], await run.TakeAsync(4));
    }

    [Fact]
    public async Task A_missing_object_is_told_with_each_list_until_it_is_forgotten()
    {
        using var bench = new Bench();
        bench.Put("a");
        await using var run = new ReflectorRun(bench, new() { RelistInterval = TimeSpan.FromSeconds(30) });
        await run.TakeAsync(3);
        bench.Api.Intercept = (_, query) => query.IsWatch ? null : StandInAnswer.Of(
            JsonNode.Parse("""{"metadata":{"resourceVersion":"101"},"items":[]}""")!);
        bench.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(["Missing edge/a", "Listed", "Watching"], await run.TakeAsync(3));
        run.Forgets = true;
        bench.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(["Missing edge/a", "Listed", "Watching"], await run.TakeAsync(3));
        bench.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(["Listed", "Watching"], await run.TakeAsync(2));
    }

    [Fact]
    public async Task Failures_wait_longer_each_time_and_honour_the_server()
    {
        using var bench = new Bench();
        int? retryAfter = null;
        bench.Api.Intercept = (_, _) =>
            StandInAnswer.Status(503, "Unavailable", "down") with { RetryAfterSeconds = retryAfter };
        await using var run = new ReflectorRun(bench);
        var whole = FirstWait;
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(["Failed Unavailable"], await run.TakeAsync(1));
            await run.WaitOutAsync(whole);
            whole = whole * 2 < TimeSpan.FromSeconds(30) ? whole * 2 : TimeSpan.FromSeconds(30);
        }

        retryAfter = 45;
        Assert.Equal(["Failed Unavailable"], await run.TakeAsync(1));
        await run.WaitOutAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["Failed Unavailable"], await run.TakeAsync(1));
        Assert.Equal(
            TimeSpan.FromSeconds(45),
            await bench.Time.WaitingForAsync(TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(60)));
        bench.Api.Intercept = null;
        bench.Time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(["Listed", "Watching"], await run.TakeAsync(2));
    }

    [Fact]
    public async Task A_server_that_ends_each_watch_at_once_is_not_asked_in_a_circle()
    {
        using var bench = new Bench();
        bench.Api.Intercept = (_, query) => query.IsWatch ? new StandInAnswer(200, []) : null;
        await using var run = new ReflectorRun(bench);
        Assert.Equal(["Listed", "Watching", "Failed Unavailable"], await run.TakeAsync(3));
        await run.WaitOutAsync(FirstWait);
        Assert.Equal(["Watching", "Failed Unavailable"], await run.TakeAsync(2));
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_is_told_and_is_not_missing()
    {
        using var bench = new Bench();
        bench.Put("a");
        await using var run = new ReflectorRun(bench, new() { RelistInterval = TimeSpan.FromSeconds(30) });
        await run.TakeAsync(3);
        bench.Api.PutJson(
            KubeResources.ConfigMaps, """{"metadata":{"name":"a","namespace":"edge"},"data":{"key":[]}}""");
        Assert.Equal(["Malformed edge/a"], await run.TakeAsync(1));
        bench.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(["Malformed edge/a", "Listed", "Watching"], await run.TakeAsync(3));
        bench.Put("a");
        Assert.Equal(["Present edge/a"], await run.TakeAsync(1));
    }

    [Fact]
    public async Task A_watch_that_never_ends_by_itself_is_ended()
    {
        using var bench = new Bench(Bench.MetaServerAccess);
        bench.MetaServer.OpensDeadWatches = true;
        await using var run = new ReflectorRun(bench);
        Assert.Equal(["Listed", "Watching"], await run.TakeAsync(2));
        bench.MetaServer.OpensDeadWatches = false;
        bench.Put("a");
        bench.Time.Advance(TimeSpan.FromSeconds(310)); // the longest watch, and a request's time limit
        Assert.Equal(["Watching", "Present edge/a"], await run.TakeAsync(2));
    }

    /// <summary>A reflector that runs, and what it has told.</summary>
    private sealed class ReflectorRun : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

        private readonly Bench _bench;
        private readonly Task _task;

        internal ReflectorRun(Bench bench, ReflectorOptions? options = null)
        {
            _bench = bench;
            var reflector = new Reflector<KubeConfigMap>(
                bench.Client, KubeResources.ConfigMaps, options, new Random(1));
            _task = reflector.RunAsync(
                (change, _) =>
                {
                    if (Forgets && change.Kind == ReflectorChangeKind.Missing)
                    {
                        reflector.Forget(change.Key);
                    }

                    string about = change.Kind == ReflectorChangeKind.Failed ? change.Result.ToString() : change.Key;
                    _told.Writer.TryWrite($"{change.Kind} {about}".Trim());
                    return ValueTask.CompletedTask;
                },
                _stop.Token);
        }

        internal bool Forgets { get; set; }

        internal async Task<IReadOnlyList<string>> TakeAsync(int count)
        {
            var taken = new List<string>();
            while (taken.Count < count)
            {
                taken.Add(await _told.Reader.ReadAsync());
            }

            return taken;
        }

        // The wait is between half of the whole and the whole.
        internal async Task WaitOutAsync(TimeSpan whole) =>
            _bench.Time.Advance(await _bench.Time.WaitingForAsync(whole / 2, whole));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _task;
            _stop.Dispose();
        }
    }
}
