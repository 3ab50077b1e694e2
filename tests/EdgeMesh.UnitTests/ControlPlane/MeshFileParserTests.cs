using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Files;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class MeshFileParserTests
{
    private const string PeerA = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
    private const string PeerB = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";

    private const string Good = $"""
        # a comment
        apiVersion: edgemesh.io/v1alpha1
        kind: Mesh
        cloudCIDR: [10.244.1.0/24, "fd00:1::/64"]
        edgeCIDR:
          - 10.244.5.0/24
        nodes:
          - name: cloud-1
            peerId: {PeerA}
            addresses: [/ip4/10.99.0.1/tcp/20006, /dns4/cloud.example.org/tcp/20006/p2p/{PeerA}]
            relay: true
            prefixes: [10.244.1.0/24, "fd00:1::/64"]
          - name: edge-a
            peerId: {PeerB}
            prefixes: [10.244.5.0/24]
        """;

    [Fact]
    public void A_good_file_is_a_document()
    {
        Judged result = Parse(Good);
        Assert.Empty(result.Errors);
        MeshDocument document = result.Document!;
        Assert.Null(MeshDocuments.Validate(document));
        Assert.Equal(["10.244.1.0/24", "fd00:1::/64"], document.CloudCidr.Select(IpPrefixes.Format));
        Assert.Equal(["10.244.5.0/24"], document.EdgeCidr.Select(IpPrefixes.Format));
        Assert.Equal(["cloud-1", "edge-a"], document.Nodes.Select(node => node.Name));
        MeshNode cloud = document.Nodes[0];
        Assert.True(cloud.Relay);
        Assert.Equal(38, cloud.PeerId.Length);
        Assert.Equal(["/ip4/10.99.0.1/tcp/20006", $"/dns4/cloud.example.org/tcp/20006/p2p/{PeerA}"], cloud.Addresses);
        Assert.Equal(["10.244.1.0/24", "fd00:1::/64"], cloud.Prefixes.Select(IpPrefixes.Format));
        Assert.Empty(document.Nodes[1].Addresses);
    }

    [Fact]
    public void Order_and_style_make_no_difference()
    {
        string other = $$"""
            kind: "Mesh"
            nodes: [{prefixes: 10.244.5.0/24, peerId: {{PeerB}}, name: edge-a},
              {name: 'cloud-1', relay: true, peerId: "{{PeerA}}",
               prefixes: ["fd00:1::/64", 10.244.1.0/24],
               addresses: [/ip4/10.99.0.1/tcp/20006, /dns4/cloud.example.org/tcp/20006/p2p/{{PeerA}}]}]
            edgeCIDR: 10.244.5.0/24
            cloudCIDR: ["fd00:1::/64", 10.244.1.0/24]
            apiVersion: edgemesh.io/v1alpha1
            """;
        Assert.Equal(Parse(Good).Document, Parse(other).Document);
        Assert.Equal(Parse(Good).Document, Parse("\uFEFF" + Good.Replace("\n", "\r\n")).Document);
    }

    [Fact]
    public void A_generation_in_the_file_is_the_file_s_own()
    {
        MeshDocument counted = Parse(Good.Replace("kind: Mesh", "kind: Mesh\ngeneration: 7")).Document!;
        Assert.Equal((7ul, MeshSources.File), (counted.Generation, counted.Source));
        MeshDocument uncounted = Parse(Good).Document!;
        Assert.Equal((0ul, ""), (uncounted.Generation, uncounted.Source));
    }

    [Fact]
    public void Without_CIDRs_any_prefix_will_do()
    {
        string text = Good.Replace("cloudCIDR: [10.244.1.0/24, \"fd00:1::/64\"]", "cloudCIDR:")
            .Replace("  - 10.244.5.0/24\n", "");
        Assert.Empty(Parse(text).Errors);
    }

    // What to change in the good file, where the error is, and what it says.
    public static TheoryData<string, string, int, int, string> Faults => new()
    {
        { "apiVersion: edgemesh.io/v1alpha1", "apiVersion: v1", 2, 13, "write 'edgemesh.io/v1alpha1'" },
        { "kind: Mesh", "kind: Mess", 3, 7, "write 'Mesh'" },
        { "kind: Mesh", "kind: [Mesh]", 3, 7, "'kind' is 'Mesh', here is a list" },
        { "kind: Mesh\n", "", 2, 1, "'kind' is missing" },
        { "nodes:", "nodez:", 7, 1, "did you mean 'nodes'?" },
        { "cloudCIDR:", "cloudCidr:", 4, 1, "did you mean 'cloudCIDR'?" },
        { "kind: Mesh", "kind: Mesh\ntotallyunrelated: 1", 4, 1, "the keys are apiVersion, kind, generation" },
        { "kind: Mesh", "kind: Mesh\nkind: Mesh", 4, 1, "for the second time" },
        { "peerId: " + PeerB, "peerID: " + PeerB, 14, 5, "did you mean 'peerId'?" },
        { "    peerId: " + PeerB + "\n", "", 13, 5, "node 'edge-a' has no 'peerId'" },
        { "- name: edge-a\n    peer", "- peer", 13, 5, "has no 'name'" },
        { "- 10.244.5.0/24", "- 10.244.5.0/33", 6, 5, "an entry of edgeCIDR: '33' is no length" },
        { "- 10.244.5.0/24", "- 10.244.5.1/24", 6, 5, "write 10.244.5.0/24" },
        { "- 10.244.5.0/24", "- a: b", 6, 5, "is a single value, here is a mapping" },
        { "- 10.244.5.0/24", "- 10.244.1.128/25", 6, 5, "overlaps 10.244.1.0/24, in line 4" },
        { "- 10.244.5.0/24", "- 0.0.0.0/0", 6, 5, "every address there is" },
        { "- 10.244.5.0/24", "- 127.1.0.0/16", 6, 5, "loopback" },
        { "- 10.244.5.0/24", "- \"fe80::/64\"", 6, 5, "link-local" },
        { "prefixes: [10.244.5.0/24]", "prefixes: [10.244.6.0/24]", 15, 16,
            "lies in no entry of cloudCIDR or edgeCIDR" },
        { "prefixes: [10.244.5.0/24]", "prefixes: [10.244.1.0/24]", 15, 16, "belongs to node 'cloud-1' already" },
        { "prefixes: [10.244.5.0/24]", "prefixes: {a: b}", 15, 15, "'prefixes' is a list, here is a mapping" },
        { "name: edge-a", "name: cloud-1", 13, 11, "'cloud-1' is here already, in line 8" },
        { "name: edge-a", "name: edge a", 13, 11, "is no node name" },
        { "name: cloud-1", "name: cloud-2", 7, 1, "did you mean 'cloud-2'?" },
        { "peerId: " + PeerB, "peerId: " + PeerA, 14, 13, "node 'cloud-1' has this peer id already, in line 9" },
        { "peerId: " + PeerB, "peerId: 12D3KooW", 14, 13, "peerId: this is no peer id" },
        { "peerId: " + PeerB, "peerId: 0OIl", 14, 13, "is no peer id" },
        { "kind: Mesh", "kind: Mesh\ngeneration: 0", 4, 13, "generation: '0' is no number from 1" },
        { "kind: Mesh", "kind: Mesh\ngeneration: 9007199254740992", 4, 13, "is no number from 1" },
        { "kind: Mesh", "kind: Mesh\ngeneration: 1.5", 4, 13, "is no number from 1" },
        { "relay: true", "relay: yes", 11, 12, "neither true nor false" },
        { "/ip4/10.99.0.1/tcp/20006", "/ip4/10.99.0.1/udp/20006", 10, 17, "no address of a TCP endpoint" },
        { "/ip4/10.99.0.1/tcp/20006", "/ip4/10.99.0/tcp/20006", 10, 17, "is no IPv4 address" },
        { "/ip4/10.99.0.1/tcp/20006", "/ip4/10.99.0.1/tcp/0", 10, 17, "from 1 to 65535" },
        { "/ip4/10.99.0.1/tcp/20006", "10.99.0.1:20006", 10, 17, "is no multiaddr" },
        { "/ip4/10.99.0.1/tcp/20006", "/ip4/10.244.5.7/tcp/20006", 10, 17, "the tunnel can't carry itself" },
        { "/ip4/10.99.0.1/tcp/20006", "/ip6/fd00:1::9/tcp/20006", 10, 17, "the tunnel can't carry itself" },
        { "/p2p/" + PeerA, "/p2p/" + PeerB, 10, 43, "is not node 'cloud-1''s own" },
        { "kind: Mesh", "kind: Mesh\n---\nkind: Mesh", 2, 1, "'nodes' is missing" },
        { "kind: Mesh", "kind: &x Mesh\ncloud: *x", 4, 1, "there is no key 'cloud'" },
        { "- 10.244.5.0/24", "- *x", 6, 5, "here is an alias" },
        { "kind: Mesh", "kind: Mesh\n\tbad", 3, 7, "this is no YAML" },
        { "nodes:", "nodes: [", 8, 3, "this is no YAML" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_told_with_its_place_and_remedy(string good, string bad, int line, int column, string message)
    {
        Assert.Contains(good, Good);
        Judged result = Parse(Good.Replace(good, bad));
        Assert.Null(result.Document);
        string all = string.Join('\n', result.Errors.Select(error => error.Format("")));
        MeshFileError told = result.Errors.FirstOrDefault(error =>
            error.Message.Contains(message, StringComparison.Ordinal));
        Assert.True(told.Message is not null && told.Position == new FilePosition(line, column), all);
    }

    [Fact]
    public void All_faults_are_told_at_once_in_the_order_of_the_file()
    {
        Judged result = Parse(Good.Replace("kind: Mesh", "kind: Mess").Replace("relay: true", "relay: maybe"));
        Assert.Equal([3, 11], result.Errors.Select(error => error.Position.Line));
        Assert.Equal("m.yaml:3:7: kind 'Mess' is not known here: write 'Mesh'", result.Errors[0].Format("m.yaml"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n# nothing\n")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("just text")]
    public void A_file_without_a_mesh_is_told(string text) => Assert.NotEmpty(Parse(text).Errors);

    [Fact]
    public void A_second_document_is_refused() =>
        Assert.Contains("second document", Assert.Single(Parse(Good + "\n---\na: b\n").Errors).Message);

    [Fact]
    public void Aliases_never_multiply()
    {
        var bomb = new StringBuilder("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (char c = 'b'; c < 'z'; c++)
        {
            char before = (char)(c - 1);
            bomb.Append($"{c}: &{c} [{string.Join(',', Enumerable.Repeat($"*{before}", 9))}]\n");
        }

        Assert.InRange(Parse(bomb.ToString()).Errors.Count, 1, 20);
        Assert.Contains("an alias", Parse(Good.Replace("[10.244.5.0/24]", "[*y]")).Errors[0].Message);
    }

    [Fact]
    public void Deep_and_wide_texts_cost_neither_stack_nor_time()
    {
        Assert.NotEmpty(Parse(new string('[', 1_000_000)).Errors);
        Assert.NotEmpty(Parse(string.Concat(Enumerable.Repeat("{a: ", 1_000_000))).Errors);
        Assert.NotEmpty(Parse(string.Concat(Enumerable.Repeat("- ", 1_000_000))).Errors);
        Assert.NotEmpty(Parse("nodes: " + new string('[', 1_000_000) + new string(']', 1_000_000)).Errors);
        Assert.NotEmpty(Parse("nodes:\n - name: [" + string.Concat(Enumerable.Repeat("[1],", 100_000)) + "]").Errors);
        Assert.InRange(Parse(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"k{i}: 1\n"))).Errors.Count, 1, 20);
    }

    [Fact]
    public void A_huge_file_is_refused_unread()
    {
        MeshFileResult result = MeshFileParser.Parse(new byte[MeshFileLimits.FileBytesMax + 1]);
        Assert.Contains("too many", Assert.Single(result.Errors).Message);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_told_with_their_line()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("kind: Mesh\n# "), 0xff, 0xfe];
        MeshFileError error = Assert.Single(MeshFileParser.Parse(bytes).Errors);
        Assert.Equal(2, error.Position.Line);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_or_whole()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Good);
        for (int length = 0; length < whole.Length; length++)
        {
            MeshFileResult result = MeshFileParser.Parse(whole.AsSpan(0, length));
            Assert.True(result.Reading is null != (result.Errors.Count == 0));
        }
    }

    [Fact]
    public void A_hundred_thousand_prefixes_are_read()
    {
        var text = new StringBuilder($"apiVersion: edgemesh.io/v1alpha1\nkind: Mesh\ncloudCIDR: 10.0.0.0/8\nnodes:\n");
        text.Append($"  - name: cloud-1\n    peerId: {PeerA}\n    prefixes:\n");
        for (int i = 0; i < 100_000; i++)
        {
            text.Append($"      - 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}/32\n");
        }

        Judged result = Parse(text.ToString());
        Assert.Empty(result.Errors);
        Assert.Equal(100_000, result.Document!.Nodes[0].Prefixes.Count);
    }

    // Reads, judges and orders, as source and intake do together.
    private static Judged Parse(string text)
    {
        MeshFileResult result = MeshFileParser.Parse(Encoding.UTF8.GetBytes(text));
        if (result.Reading is null)
        {
            return new Judged(null, result.Errors);
        }

        IReadOnlyList<MeshFinding> findings = MeshRules.Judge(result.Reading.Document, "cloud-1");
        MeshDocument document = result.Reading.Document.Clone();
        MeshDocuments.Canonicalize(document);
        return new Judged(findings.Count == 0 ? document : null, result.Reading.Locate(findings));
    }

    private sealed record Judged(MeshDocument? Document, IReadOnlyList<MeshFileError> Errors);
}
