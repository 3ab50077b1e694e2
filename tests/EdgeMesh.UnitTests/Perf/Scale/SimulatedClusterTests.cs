using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text.Json;
using EdgeMesh.Perf.Scale;
using EdgeMesh.Perf.Scale.Api;
using Xunit;

namespace EdgeMesh.UnitTests.Perf.Scale;

public sealed class SimulatedClusterTests
{
    private static readonly ScalePlan Plan = new(25, 400, 1);
    private static readonly ObjectSelector All = ObjectSelector.Parse("", "", "")!;

    private readonly VersionCounter _versions = new();

    [Theory]
    [InlineData(5000, 100_000)]
    [InlineData(25, 400)]
    [InlineData(2, 1)]
    public void Segments_lie_apart_and_are_at_most_half_full(int nodes, int pods)
    {
        var plan = new ScalePlan(nodes, pods, 1);
        IPNetwork[] entries = [.. plan.CloudEntries.Concat(plan.EdgeEntries).Select(IPNetwork.Parse)];
        Assert.Equal(plan.Sites, entries.Length);
        Assert.Equal(plan.Sites, entries.Select(entry => entry.BaseAddress).Distinct().Count());
        Assert.True(plan.SiteAddresses >= 2 * (ScalePlan.ReservedAddresses + (pods / plan.Sites)));
        Assert.All(entries, entry => Assert.InRange(entry.PrefixLength, 16, 30));
    }

    [Fact]
    public void Pods_have_addresses_of_their_node_s_segment_each_its_own()
    {
        var pods = new PodCollection(Plan, _versions);
        for (int i = 0; i < 1000; i++)
        {
            pods.Finish(pods.Begin());
        }

        List<(string Address, string Node)> seen = [.. Items(pods).Select(item => (
            item.GetProperty("status").GetProperty("podIP").GetString()!,
            item.GetProperty("spec").GetProperty("nodeName").GetString()!))];
        Assert.Equal(Plan.Pods, seen.Count);
        Assert.Equal(Plan.Pods, seen.Select(pod => pod.Address).Distinct().Count());
        Assert.Equal(1000, pods.Creations.Count);
        Assert.All(seen, pod => Assert.Equal(
            ScalePlan.SiteOf(ScalePlan.NodeNumber(pod.Node)),
            Enumerable.Range(0, Plan.Sites).Single(site => new IPNetwork(
                IPAddress.Parse(ScalePlan.Text(Plan.SiteFirstAddress(site))), Plan.SitePrefixBits)
                .Contains(IPAddress.Parse(pod.Address)))));
    }

    [Fact]
    public void A_pod_gets_its_address_after_it_was_scheduled_and_is_deleted_after_it_began_to_end()
    {
        var pods = new PodCollection(Plan, _versions);
        long position = 0;
        pods.Finish(pods.Begin());
        var events = new List<ObjectEvent>();
        Assert.True(pods.Log.TryTake(ref position, events, out _));
        (string Type, bool HasAddress, bool IsEnding)[] told =
        [
            .. events.Select(change => JsonDocument.Parse(change.Line).RootElement).Select(line => (
                line.GetProperty("type").GetString()!,
                line.GetProperty("object").GetProperty("status").TryGetProperty("podIP", out _),
                line.GetProperty("object").GetProperty("metadata").TryGetProperty("deletionTimestamp", out _))),
        ];
        Assert.Equal(
            [("MODIFIED", true, true), ("ADDED", false, false), ("DELETED", true, true), ("MODIFIED", true, false)],
            told);
    }

    [Fact]
    public void Pages_hold_each_object_once()
    {
        var pods = new PodCollection(Plan, _versions);
        var names = new List<string>();
        string from = "";
        do
        {
            var page = new ListPage(7);
            pods.List(All, from, page);
            names.AddRange(Parse(page).Select(item => item.GetProperty("metadata").GetProperty("name").GetString()!));
            from = page.Continue;
        }
        while (from.Length > 0);

        Assert.Equal(Plan.Pods, names.Count);
        Assert.Equal(Plan.Pods, names.Distinct().Count());
    }

    [Fact]
    public void Nodes_are_as_long_as_real_ones()
    {
        var json = new ArrayBufferWriter<byte>();
        NodeJson.Write(7, 1, json);
        Assert.InRange(json.WrittenCount, 5000, 20_000);
        Assert.Equal(
            "node-00007",
            JsonDocument.Parse(json.WrittenMemory).RootElement.GetProperty("metadata").GetProperty("name").GetString());
    }

    private static JsonElement.ArrayEnumerator Items(ApiCollection collection)
    {
        var page = new ListPage(0);
        collection.List(All, "", page);
        return Parse(page);
    }

    private static JsonElement.ArrayEnumerator Parse(ListPage page) =>
        JsonDocument.Parse((byte[])[(byte)'[', .. page.Items, (byte)']']).RootElement.EnumerateArray();
}
