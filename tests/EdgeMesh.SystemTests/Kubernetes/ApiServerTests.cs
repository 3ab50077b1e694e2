using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Election;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Kubernetes.Watching;
using Xunit;

namespace EdgeMesh.SystemTests.Kubernetes;

/// <summary>The client over real connections, against an API server that behaves well, and restarts.</summary>
public sealed class ApiServerTests : IAsyncLifetime
{
    private readonly ApiServerStandIn _server = new();
    private readonly KubeClient _client;

    public ApiServerTests() => _client = new KubeClient(_server.Access);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Changes_arrive_also_after_the_connection_broke()
    {
        for (int i = 0; i < 5; i++)
        {
            Put($"m{i}", new string('x', 300_000));
        }

        await using FollowedMaps maps = new(
            _client, new ReflectorOptions { PageObjects = 2, BackOffMin = TimeSpan.FromMilliseconds(20) });
        Assert.Equal(6, (await maps.TakeUntilAsync("Listed")).Count); // five of them, and Listed
        await maps.TakeUntilAsync("Watching");
        Put("large", new string('y', 900_000)); // a line in many pieces
        Assert.Equal(["Present edge/large"], await maps.TakeAsync(1));
        _server.CutConnections();
        Assert.Equal(["Failed Unavailable"], await maps.TakeAsync(1));
        Put("n", "v");
        await maps.TakeUntilAsync("Present edge/n");
    }

    [Fact]
    public async Task Of_two_one_leads_and_the_other_follows_when_it_gives_back()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var times = new LeaderElectionOptions { RetryPeriod = TimeSpan.FromMilliseconds(100) };
        var one = new LeaderElection(_client, "edge", "lease", "one", times);
        var two = new LeaderElection(_client, "edge", "lease", "two", times);
        var oneLeads = new TaskCompletionSource();
        var twoLeads = new TaskCompletionSource();
        Task firstRun = one.RunAsync(lost => LeadAsync(oneLeads, lost), first.Token);
        await oneLeads.Task;
        Task secondRun = two.RunAsync(lost => LeadAsync(twoLeads, lost), second.Token);
        Assert.False(two.IsLeading);
        await first.CancelAsync();
        await firstRun;
        await twoLeads.Task;
        Assert.False(one.IsLeading);
        await second.CancelAsync();
        await secondRun;
    }

    private static Task LeadAsync(TaskCompletionSource leads, CancellationToken lost)
    {
        leads.SetResult();
        return Task.Delay(Timeout.InfiniteTimeSpan, lost);
    }

    private void Put(string name, string value) => _server.Api.Put(KubeResources.ConfigMaps, new KubeConfigMap
    {
        Metadata = { Name = name, Namespace = "edge" },
        Data = new() { ["key"] = value },
    });
}
