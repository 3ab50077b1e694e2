using System;
using System.Text;
using System.Text.Json;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using Xunit;

namespace EdgeMesh.UnitTests.Kubernetes;

public sealed class KubeDecoderTests
{
    private const string Node = """
        {"kind":"Node","apiVersion":"v1","metadata":{"name":"n1","uid":"u","resourceVersion":"7","managedFields":[{}],
        "labels":{"node-role.kubernetes.io/edge":""}},
        "spec":{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24","fd::/64"],
        "taints":[{"key":"x"}]},"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.1"}],
        "nodeInfo":{"kubeletVersion":"v1.32.0"},"unknown":{"a":[1,2,{"b":null}]}}}
        """;

    [Fact]
    public void Known_fields_are_read_and_others_ignored()
    {
        Assert.True(KubeDecoder.TryDecode(KubeResources.Nodes, Utf8(Node), out KubeNode? node, out _));
        Assert.Equal("n1", node.Metadata.Key);
        Assert.Equal("", node.Metadata.LabelOf("node-role.kubernetes.io/edge"));
        Assert.Null(node.Metadata.LabelOf("other"));
        Assert.Equal(["10.1.0.0/24", "fd::/64"], node.Spec!.PodCidrs!);
        Assert.Equal("192.0.2.1", Assert.Single(node.Status!.Addresses!).Address);
        Assert.Equal("v1.32.0", node.Status.NodeInfo!.KubeletVersion);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var map = new KubeConfigMap
        {
            Metadata = { Name = "m", Namespace = "ns", Annotations = new() { ["a"] = "b" }, ResourceVersion = "1" },
            Data = new() { ["text"] = "ü\n" },
            BinaryData = new() { ["bytes"] = [0, 1, 255] },
            Immutable = true,
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(map, KubeResources.ConfigMaps.Json);
        Assert.True(KubeDecoder.TryDecode(KubeResources.ConfigMaps, json, out KubeConfigMap? read, out _));
        Assert.Equal("ns/m", read.Metadata.Key);
        Assert.Equal(map.Data, read.Data);
        Assert.Equal(map.BinaryData["bytes"], read.BinaryData!["bytes"]);
        Assert.True(read.Immutable);
        Assert.Equal(json, JsonSerializer.SerializeToUtf8Bytes(read, KubeResources.ConfigMaps.Json));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns"},"spec":{"hostNetwork":"yes"}}""", "spec.hostNetwork")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns"},"status":{"podIPs":[{},7]}}""", "status.podIPs[1]")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns"},"status":{"podIPs":[null]}}""", "status.podIPs")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns","labels":{"a":null}}}""", "metadata.labels")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns","generation":"x"}}""", "metadata.generation")]
    [InlineData("""{"kind":"Node","metadata":{"name":"p","namespace":"ns"}}""", "kind 'Node'")]
    [InlineData("""{"metadata":{"namespace":"ns","name":"p"},"status":{"phase":"\uD800"}}""", "ns/p")]
    public void A_wrong_value_is_told_with_object_and_field(string json, string field)
    {
        Assert.False(KubeDecoder.TryDecode(KubeResources.Pods, Utf8(json), out _, out KubeProblem? problem));
        Assert.Equal("ns/p", problem.Key);
        Assert.Contains("Pod ns/p can't be read", problem.Message, StringComparison.Ordinal);
        Assert.Contains(field, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_object_without_a_name_is_refused()
    {
        Assert.False(KubeDecoder.TryDecode(KubeResources.Pods, "{}"u8, out _, out KubeProblem? problem));
        Assert.Contains("metadata.name", problem.Message, StringComparison.Ordinal);
        Assert.False(KubeDecoder.TryDecode(KubeResources.Pods, "null"u8, out _, out _));
        Assert.False(KubeDecoder.TryDecode(KubeResources.Pods, "[]"u8, out _, out _));
    }

    [Fact]
    public void A_text_cut_anywhere_is_a_problem_and_no_exception()
    {
        byte[] json = Utf8(Node);
        string list = $$"""{"metadata":{"resourceVersion":"1"},"items":[{{Node}}]}""";
        string line = $$"""{"type":"ADDED","object":{{Node}}}""";
        for (int length = 0; length < json.Length; length++)
        {
            Assert.False(KubeDecoder.TryDecode(KubeResources.Nodes, json.AsSpan(0, length), out _, out _));
        }

        for (int length = 0; length < Utf8(list).Length; length++)
        {
            ReadOnlySpan<byte> cut = Utf8(list).AsSpan(0, length);
            Assert.Null(KubeDecoder.DecodeList(KubeResources.Nodes, cut, isMetaServer: false, out string why));
            Assert.NotEmpty(why);
        }

        for (int length = 0; length < Utf8(line).Length; length++)
        {
            ReadOnlySpan<byte> cut = Utf8(line).AsSpan(0, length);
            Assert.Equal(
                KubeEventKind.Malformed, KubeDecoder.DecodeEvent(KubeResources.Nodes, cut, out _)!.Kind);
        }
    }

    [Fact]
    public void One_wrong_item_does_not_take_the_list_with_it()
    {
        KubePage<KubePod>? page = KubeDecoder.DecodeList(KubeResources.Pods, Utf8("""
            {"kind":"PodList","metadata":{"resourceVersion":"9","continue":"c","remainingItemCount":3},"items":[
            {"metadata":{"name":"a","namespace":"ns"}},
            {"metadata":{"name":"b","namespace":"ns"},"spec":[]},
            7,
            {"metadata":{"name":"c","namespace":"ns"}}]}
            """), isMetaServer: false, out _);
        Assert.Equal(["ns/a", "ns/c"], [page!.Items[0].Metadata.Key, page.Items[1].Metadata.Key]);
        Assert.Equal(["ns/b", ""], [page.Malformed[0].Key, page.Malformed[1].Key]);
        Assert.Equal(("9", "c", false), (page.ResourceVersion, page.Continue, page.IsFromCache));
    }

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":""},"items":[]}""", true, true)]
    [InlineData("""{"metadata":{"resourceVersion":"5","selfLink":"/api/v1/pods"},"items":[]}""", true, true)]
    [InlineData("""{"metadata":{"resourceVersion":"5"},"items":null}""", true, false)]
    [InlineData("""{"metadata":{"selfLink":"/api/v1/pods"},"items":[]}""", false, false)]
    public void A_list_from_metaServers_cache_is_known_as_such(string json, bool isMetaServer, bool isFromCache)
    {
        KubePage<KubePod>? page = KubeDecoder.DecodeList(KubeResources.Pods, Utf8(json), isMetaServer, out _);
        Assert.Equal(isFromCache, page!.IsFromCache);
        Assert.Empty(page.Items);
    }

    [Theory]
    [InlineData("""{"items":7}""")]
    [InlineData("""{"kind":"Status"}""")]
    [InlineData("""{"items":[]} {}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("<html>")]
    public void What_is_no_list_is_refused(string text)
    {
        Assert.Null(KubeDecoder.DecodeList(KubeResources.Pods, Utf8(text), isMetaServer: false, out string fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void Events_are_read_in_any_order_of_their_fields()
    {
        KubeEvent<KubePod>? change = KubeDecoder.DecodeEvent(
            KubeResources.Pods, """{"object":{"metadata":{"name":"p","namespace":"n"}},"type":"DELETED"}"""u8, out _);
        Assert.Equal((KubeEventKind.Deleted, "n/p"), (change!.Kind, change.Key));
        change = KubeDecoder.DecodeEvent(
            KubeResources.Pods, """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12"}}}"""u8, out _);
        Assert.Equal((KubeEventKind.Bookmark, "12"), (change!.Kind, change.Object!.Metadata.ResourceVersion));
        ReadOnlySpan<byte> error = """{"type":"ERROR","object":{"code":410,"reason":"Expired"}}"""u8;
        Assert.Null(KubeDecoder.DecodeEvent(KubeResources.Pods, error, out KubeStatus? status));
        Assert.Equal((410, "Expired"), (status!.Code, status.Reason));
    }

    [Theory]
    [InlineData("""{"type":"CHANGED","object":{}}""", "CHANGED")]
    [InlineData("""{"object":{}}""", "no 'type'")]
    [InlineData("""{"type":"ADDED"}""", "no 'object'")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"p","namespace":"n"},"spec":1}}""", "Pod n/p")]
    [InlineData("""{"type":"ERROR","object":[]}""", "can't be read")]
    public void An_event_that_cannot_be_read_says_why(string line, string why)
    {
        KubeEvent<KubePod>? change = KubeDecoder.DecodeEvent(KubeResources.Pods, Utf8(line), out _);
        Assert.Equal(KubeEventKind.Malformed, change!.Kind);
        Assert.Contains(why, change.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_have_the_digits_that_the_API_wants()
    {
        var time = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(1));
        Assert.Equal("2030-01-02T02:04:05.000000Z", KubeTimestamp.FormatMicros(time));
        Assert.Equal("2030-01-02T02:04:05Z", KubeTimestamp.FormatSeconds(time));
        Assert.True(KubeTimestamp.TryParse("2030-01-02T02:04:05.000000Z", out DateTimeOffset read));
        Assert.Equal(time, read);
        Assert.False(KubeTimestamp.TryParse("soon", out _));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
