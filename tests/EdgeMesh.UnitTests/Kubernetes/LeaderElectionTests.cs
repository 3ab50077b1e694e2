using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Election;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.Kubernetes;

/// <summary>Times are the defaults: 15 s of lease, 10 s to renew, 2 s between attempts.</summary>
public sealed class LeaderElectionTests : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_first_leads_and_renews_and_gives_back()
    {
        await using Candidate one = Start("one");
        await one.LeadsAsync();
        KubeLease lease = Lease();
        Assert.Equal("one", lease.Spec!.HolderIdentity);
        Assert.Equal(15, lease.Spec.LeaseDurationSeconds);
        Assert.Equal("2030-01-02T03:04:05.000000Z", lease.Spec.RenewTime);
        await PassAsync();
        await WaitsAsync();
        Assert.Equal("2030-01-02T03:04:07.000000Z", Lease().Spec!.RenewTime);
        Assert.Equal(lease.Spec.AcquireTime, Lease().Spec!.AcquireTime);
        Assert.True(one.Election.IsLeading);
        await one.StopAsync();
        Assert.Equal("", Lease().Spec!.HolderIdentity);
        Assert.False(one.Election.IsLeading);

        await using Candidate two = Start("two");
        await two.LeadsAsync();
        Assert.Equal(1, Lease().Spec!.LeaseTransitions);
    }

    [Fact]
    public async Task Another_waits_until_the_holder_was_silent_for_its_time_by_its_own_clock()
    {
        // The holder's wall clock is a year behind: its times mean nothing.
        PutLease("dead", renewTime: "2029-01-01T00:00:00.000000Z");
        await using Candidate two = Start("two");
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(12); passed += Retry)
        {
            await PassAsync();
            Assert.Equal("dead", Lease().Spec!.HolderIdentity);
        }

        Assert.Equal("dead", two.Election.Holder);
        // A renewal starts the wait again, even if the wall clocks jump.
        PutLease("dead", renewTime: "2031-01-01T00:00:00.000000Z");
        _bench.Time.SetWall(DateTimeOffset.UnixEpoch);
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(12); passed += Retry)
        {
            await PassAsync();
            Assert.Equal("dead", Lease().Spec!.HolderIdentity);
        }

        for (int i = 0; i < 4; i++)
        {
            await PassAsync();
        }

        await two.LeadsAsync();
        Assert.Equal("two", Lease().Spec!.HolderIdentity);
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_stops_before_another_can_begin()
    {
        await using Candidate one = Start("one");
        await one.LeadsAsync();
        await PassAsync(); // one renewal, at 0:00
        _bench.Api.Intercept = (_, _) => StandInAnswer.Status(503, "Unavailable", "down");
        TimeSpan silent = TimeSpan.Zero;
        while (!one.Stopped.IsCompleted && silent < TimeSpan.FromSeconds(15))
        {
            TimeSpan wait = await _bench.Time.WaitingForAsync(TimeSpan.FromTicks(1), Retry * 1.2);
            _bench.Time.Advance(wait);
            silent += wait;
            if (!one.Election.IsLeading)
            {
                await one.Stopped;
            }
        }

        // The lease lasts 15 s from the last renewal on.
        Assert.InRange(silent, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(14));
        Assert.Contains("down", one.Election.Problem, StringComparison.Ordinal);
        _bench.Api.Intercept = null;
        await PassAsync();
        await one.LeadsAsync(); // nobody else was there
    }

    [Fact]
    public async Task A_leader_whose_lease_was_taken_stops_at_once()
    {
        await using Candidate one = Start("one");
        await one.LeadsAsync();
        PutLease("two", "2030-01-02T03:04:05.000000Z");
        await PassAsync();
        await one.Stopped;
        Assert.Equal("two", Lease().Spec!.HolderIdentity);
        Assert.Equal("two", one.Election.Holder);
    }

    [Fact]
    public async Task A_leader_whose_lease_was_deleted_stops_at_once()
    {
        await using Candidate one = Start("one");
        await one.LeadsAsync();
        _bench.Api.Delete(KubeResources.Leases, "edge", "lease");
        await PassAsync();
        await one.Stopped;
    }

    [Fact]
    public async Task A_renewal_whose_answer_was_lost_does_not_end_the_lead()
    {
        await using Candidate one = Start("one");
        await one.LeadsAsync();
        KubeLease lease = Lease();
        lease.Metadata.Labels = new() { ["somebody"] = "else" }; // changes the version, and not the holder
        _bench.Api.Put(KubeResources.Leases, lease);
        await PassAsync();
        await PassAsync();
        await PassAsync();
        Assert.False(one.Stopped.IsCompleted);
        Assert.Equal("one", Lease().Spec!.HolderIdentity);
        Assert.True(one.Election.IsLeading);
    }

    [Fact]
    public async Task Two_that_come_together_do_not_both_lead()
    {
        await using Candidate one = Start("one");
        await using Candidate two = Start("two");
        await Task.WhenAny(one.LeadsAsync(), two.LeadsAsync());
        for (int i = 0; i < 20; i++)
        {
            await PassAsync(candidates: 2);
            Assert.False(one.Election.IsLeading && two.Election.IsLeading);
        }

        Assert.True(one.Election.IsLeading || two.Election.IsLeading);
    }

    [Fact]
    public async Task A_leader_that_does_not_stop_ends_the_process()
    {
        var never = new TaskCompletionSource();
        var election = new LeaderElection(_bench.Client, "edge", "lease", "one", null, new Random(1));
        Task run = election.RunAsync(_ => never.Task, CancellationToken.None);
        await WaitsAsync();
        _bench.Api.Delete(KubeResources.Leases, "edge", "lease");
        await PassAsync();
        TimeSpan left = await _bench.Time.WaitingForAsync(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(14));
        _bench.Time.Advance(left);
        await Assert.ThrowsAsync<LeaderOverrunException>(() => run);
        never.SetResult();
    }

    [Fact]
    public async Task What_a_leader_throws_comes_through_and_the_lease_is_given_back()
    {
        var election = new LeaderElection(_bench.Client, "edge", "lease", "one", null, new Random(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => election.RunAsync(
            _ => throw new InvalidOperationException("a bug"), CancellationToken.None));
        Assert.Equal("", Lease().Spec!.HolderIdentity);
    }

    [Fact]
    public void Times_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LeaderElection(
            _bench.Client, "edge", "lease", "one", new() { RenewDeadline = TimeSpan.FromSeconds(15) }));
        using var metaServer = new Bench(Bench.MetaServerAccess);
        Assert.Throws<ArgumentException>(() => new LeaderElection(metaServer.Client, "edge", "lease", "one"));
    }

    private Candidate Start(string name) => new(_bench, name);

    private KubeLease Lease() => _bench.Api.Find(KubeResources.Leases, "edge", "lease")!;

    private void PutLease(string holder, string renewTime) => _bench.Api.Put(KubeResources.Leases, new KubeLease
    {
        Metadata = { Name = "lease", Namespace = "edge" },
        Spec = new() { HolderIdentity = holder, LeaseDurationSeconds = 15, RenewTime = renewTime },
    });

    // Until so many wait for their next attempt.
    private Task<TimeSpan> WaitsAsync(int candidates = 1) =>
        _bench.Time.WaitingForAsync(TimeSpan.FromTicks(1), Retry * 1.2, candidates);

    private async Task PassAsync(int candidates = 1) => _bench.Time.Advance(await WaitsAsync(candidates));

    private sealed class Candidate : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly SemaphoreSlim _leads = new(0);
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _run;

        internal Candidate(Bench bench, string name)
        {
            Election = new LeaderElection(bench.Client, "edge", "lease", name, null, new Random(1));
            _run = Election.RunAsync(LeadAsync, _stop.Token);
        }

        internal LeaderElection Election { get; }

        internal Task Stopped => _stopped.Task;

        internal Task LeadsAsync() => _leads.WaitAsync();

        internal async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _run;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
            _leads.Dispose();
        }

        private async Task LeadAsync(CancellationToken lost)
        {
            _leads.Release();
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = lost.Register(end.SetResult);
            await end.Task;
            _stopped.TrySetResult();
        }
    }
}
