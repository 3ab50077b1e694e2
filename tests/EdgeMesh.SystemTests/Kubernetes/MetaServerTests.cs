using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Kubernetes.Watching;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.SystemTests.Kubernetes;

/// <summary>Each way in which KubeEdge's metaServer misleads a client, and what the client makes of it.</summary>
public sealed class MetaServerTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    // Watches of a second or two: nobody waits for minutes here.
    private static readonly ReflectorOptions Short = new()
    {
        WatchMin = TimeSpan.FromSeconds(1),
        WatchMax = TimeSpan.FromSeconds(2),
        BackOffMin = TimeSpan.FromMilliseconds(50),
    };

    private readonly MetaServerStandIn _edge = new();
    private readonly KubeClient _client;

    public MetaServerTests() => _client =
        new KubeClient(_edge.Access, new() { RequestTimeLimit = TimeSpan.FromSeconds(2) });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _edge.DisposeAsync();
    }

    // kubeedge: storage.go, REST.Get: on any failure of the cloud the local store is asked, which says NotFound.
    [Fact]
    public async Task Not_found_while_offline_proves_nothing()
    {
        Put("seen");
        Put("unseen");
        Assert.True((await GetAsync("seen")).IsFound);
        _edge.MetaServer.SetLink(StandInLink.Offline);
        KubeResponse<KubeConfigMap> unseen = await GetAsync("unseen");
        Assert.Equal((KubeResult.NotFound, false), (unseen.Result, unseen.ProvesAbsence));
        Assert.Contains("proves nothing", unseen.Problem, StringComparison.Ordinal);
        Assert.True((await GetAsync("seen")).IsFound);
    }

    // kubeedge: storage.go, REST.List: the result is not kept, so offline there is nothing: 200, [], no version.
    [Fact]
    public async Task An_empty_list_while_offline_tells_nothing_as_missing()
    {
        Put("a");
        await using FollowedMaps maps = new(_client, Short with { RelistInterval = TimeSpan.FromMilliseconds(1) });
        await maps.TakeUntilAsync("Watching");
        _edge.MetaServer.SetLink(StandInLink.Offline);
        _edge.MetaServer.ClearCache();
        KubePage<KubeConfigMap> page = await _client.ListAsync(KubeResources.ConfigMaps, "edge", null, None);
        Assert.Equal((KubeResult.Found, true, ""), (page.Result, page.IsFromCache, page.ResourceVersion));
        Assert.Empty(page.Items);
        IReadOnlyList<string> told = await maps.TakeUntilAsync("Listed from cache");
        Assert.DoesNotContain("Missing edge/a", told);
        Assert.DoesNotContain("Deleted edge/a", told);
    }

    // kubeedge: sqlite/imitator sets metadata.selfLink on lists of its own; API servers since 1.20 do not.
    [Fact]
    public async Task A_partial_list_while_offline_is_known_by_its_selfLink()
    {
        Put("a");
        Put("b");
        Assert.True((await GetAsync("a")).IsFound);
        _edge.MetaServer.SetLink(StandInLink.Offline);
        KubePage<KubeConfigMap> page = await _client.ListAllAsync(KubeResources.ConfigMaps, "edge", null, None);
        Assert.Equal("edge/a", Assert.Single(page.Items).Metadata.Key);
        Assert.True(page.IsFromCache);
        await using FollowedMaps maps = new(_client, Short);
        Assert.Equal(["Present edge/a", "Listed from cache", "Watching"], await maps.TakeAsync(3));
        _edge.MetaServer.SetLink(StandInLink.Online);
        IReadOnlyList<string> told = await maps.TakeUntilAsync("Present edge/b");
        Assert.DoesNotContain("Missing edge/b", told);
    }

    // kubeedge#4699: a watch with no response, ever.
    [Fact]
    public async Task A_dead_watch_is_ended_and_opened_again()
    {
        _edge.MetaServer.OpensDeadWatches = true;
        await using FollowedMaps maps = new(_client, Short);
        Assert.Equal(["Listed", "Watching"], await maps.TakeAsync(2));
        Put("a");
        _edge.MetaServer.OpensDeadWatches = false;
        await maps.TakeUntilAsync("Present edge/a");
    }

    // kubeedge: application.go, Agent.Generate gives up before the watch is stored when the link is down.
    [Fact]
    public async Task A_watch_opened_offline_is_blind_until_it_is_opened_again()
    {
        _edge.MetaServer.SetLink(StandInLink.Offline);
        await using FollowedMaps maps = new(_client, Short);
        Assert.Equal(["Listed from cache", "Watching"], await maps.TakeAsync(2));
        _edge.MetaServer.SetLink(StandInLink.Online);
        Put("a");
        await maps.TakeUntilAsync("Present edge/a");
    }

    // kubeedge: on a new connection, and on changes of labels, cloudcore says DELETED of what still lives.
    [Fact]
    public async Task A_deletion_of_what_lives_is_not_told()
    {
        Put("a");
        Put("b");
        await using FollowedMaps maps = new(_client);
        await maps.TakeUntilAsync("Watching");
        await maps.TakeAsync(2); // all again, as ADDED
        _edge.MetaServer.RepeatDeleted(KubeResources.ConfigMaps, "edge", "a");
        Assert.Equal(["Present edge/a"], await maps.TakeAsync(1));
        _edge.Delete(KubeResources.ConfigMaps, "edge", "b");
        Assert.Equal(["Deleted edge/b"], await maps.TakeAsync(1));
    }

    // kubeedge: edgehub notices a broken link by its heartbeat (15 s); until then each request waits 10 s.
    [Fact]
    public async Task A_half_dead_link_holds_no_request_longer_than_the_clients_own_limit()
    {
        Put("a");
        Assert.True((await GetAsync("a")).IsFound);
        _edge.MetaServer.HalfDeadWait = TimeSpan.FromMinutes(10);
        _edge.MetaServer.SetLink(StandInLink.HalfDead);
        KubeResponse<KubeConfigMap> answer = await GetAsync("a");
        Assert.Equal(KubeResult.Unavailable, answer.Result);
        Assert.Contains("within 2 s", answer.Problem, StringComparison.Ordinal);
        await using FollowedMaps maps = new(_client, Short);
        Assert.Equal(["Failed Unavailable"], await maps.TakeAsync(1));
        _edge.MetaServer.SetLink(StandInLink.Online);
        await maps.TakeUntilAsync("Present edge/a");
    }

    // kubeedge: on a new connection all objects of a watch come again as ADDED; deletions meanwhile never come.
    [Fact]
    public async Task After_a_break_everything_comes_again_and_a_deletion_is_only_missing()
    {
        Put("a");
        Put("b");
        await using FollowedMaps maps = new(_client, Short);
        await maps.TakeUntilAsync("Watching");
        await maps.TakeAsync(2);
        _edge.MetaServer.SetLink(StandInLink.Offline);
        _edge.Delete(KubeResources.ConfigMaps, "edge", "b");
        _edge.MetaServer.SetLink(StandInLink.Online);
        await maps.TakeUntilAsync("Present edge/a");
        await using FollowedMaps relisting = new(_client, Short with { RelistInterval = TimeSpan.FromMilliseconds(1) });
        Assert.DoesNotContain("Deleted edge/b", await relisting.TakeUntilAsync("Watching"));
        Put("b");
        await relisting.TakeUntilAsync("Present edge/b");
        _edge.MetaServer.SetLink(StandInLink.Offline);
        _edge.Delete(KubeResources.ConfigMaps, "edge", "b");
        _edge.MetaServer.SetLink(StandInLink.Online);
        Assert.DoesNotContain("Deleted edge/b", await relisting.TakeUntilAsync("Missing edge/b"));
    }

    // A write reaches the cloud or is refused; nothing is kept for later.
    [Fact]
    public async Task A_write_while_offline_is_unavailable()
    {
        _edge.MetaServer.SetLink(StandInLink.Offline);
        KubeResponse<KubeConfigMap> made = await _client.CreateAsync(KubeResources.ConfigMaps, Map("a"), None);
        Assert.Equal(KubeResult.Unavailable, made.Result);
        _edge.MetaServer.SetLink(StandInLink.Online);
        Assert.True((await _client.CreateAsync(KubeResources.ConfigMaps, Map("a"), None)).IsFound);
    }

    // kubeedge: feature gate requireAuthorization: HTTPS with client certificates.
    [Fact]
    public async Task Over_HTTPS_both_sides_show_certificates()
    {
        using X509Certificate2 certificate = MakeCertificate();
        await using var edge = new MetaServerStandIn(certificate);
        edge.Put(KubeResources.ConfigMaps, Map("a"));
        KubeAccess access = edge.Access with { Authorities = [certificate], ClientCertificate = certificate };
        using var welcome = new KubeClient(access);
        Assert.True((await GetAsync("a", welcome)).IsFound);
        using var nameless = new KubeClient(access with { ClientCertificate = null });
        Assert.Equal(KubeResult.Unavailable, (await GetAsync("a", nameless)).Result);
        using var distrusting = new KubeClient(access with { Authorities = [MakeCertificate()] });
        KubeResponse<KubeConfigMap> refused = await GetAsync("a", distrusting);
        Assert.Equal(KubeResult.Unavailable, refused.Result);
        Assert.Contains("certificate authority", refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_says_what_to_enable()
    {
        await _edge.DisposeAsync();
        KubeResponse<KubeConfigMap> answer = await GetAsync("a");
        Assert.Equal(KubeResult.Unavailable, answer.Result);
        Assert.Contains("modules.metaManager.metaServer", answer.Problem, StringComparison.Ordinal);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=metaserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    private static KubeConfigMap Map(string name) => new() { Metadata = { Name = name, Namespace = "edge" } };

    private void Put(string name) => _edge.Put(KubeResources.ConfigMaps, Map(name));

    private Task<KubeResponse<KubeConfigMap>> GetAsync(string name, KubeClient? client = null) =>
        (client ?? _client).GetAsync(KubeResources.ConfigMaps, "edge", name, None);
}
