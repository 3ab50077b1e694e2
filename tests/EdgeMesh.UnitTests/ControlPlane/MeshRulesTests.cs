using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using Google.Protobuf;
using Xunit;
using static EdgeMesh.UnitTests.ControlChannel.SampleMeshes;

namespace EdgeMesh.UnitTests.ControlPlane;

/// <summary>
/// The rules on documents that came from nowhere in particular; MeshFileParserTests has them with lines and columns.
/// </summary>
public sealed class MeshRulesTests
{
    [Fact]
    public void A_document_in_order_has_no_findings() => Assert.Empty(MeshRules.Judge(Good(), "cloud"));

    // What a file can't even hold: other sources hand over bytes.
    public static TheoryData<Action<MeshDocument>, string, int, int, string> Faults => new()
    {
        { d => d.Nodes[1].PeerId = ByteString.Empty, nameof(MeshField.NodePeerId), 1, 0, "node 'edge' has no peer id" },
        { d => d.Nodes[1].PeerId = ByteString.CopyFrom([0x12, 0x10, .. new byte[16]]),
            nameof(MeshField.NodePeerId), 1, 0, "node 'edge' has no peer id" },
        { d => d.Nodes[1].PeerId = d.Nodes[0].PeerId, nameof(MeshField.NodePeerId), 1, 0,
            "node 'cloud' has this peer id already" },
        { d => d.Nodes[1].Name = "a\u0007", nameof(MeshField.NodeName), 1, 0, "'a?' is no node name" },
        { d => d.Nodes[1].Name = "cloud", nameof(MeshField.NodeName), 1, 0, "node 'cloud' is here already" },
        { d => d.Nodes[0].Name = "clod", nameof(MeshField.Nodes), 0, 0, "did you mean 'clod'?" },
        { d => d.Nodes[0].Prefixes.Add(new IpPrefix { Address = ByteString.CopyFrom(1, 2, 3), Length = 8 }),
            nameof(MeshField.NodePrefix), 0, 1, "010203/8 is no network address" },
        { d => d.Nodes[0].Prefixes.Add(new IpPrefix { Address = ByteString.CopyFrom(1, 2, 3, 4), Length = 24 }),
            nameof(MeshField.NodePrefix), 0, 1, "1.2.3.4/24 is no network address" },
        { d => d.Nodes[1].Prefixes.Add(Prefix("10.244.1.0/24")), nameof(MeshField.NodePrefix), 1, 1,
            "10.244.1.0/24 belongs to node 'cloud' already" },
        { d => d.Nodes[1].Prefixes.Add(Prefix("10.9.0.0/16")), nameof(MeshField.NodePrefix), 1, 1,
            "lies in no entry of cloudCIDR or edgeCIDR" },
        { d => d.EdgeCidr.Add(new IpPrefix { Address = ByteString.CopyFrom(10, 0, 0, 0), Length = 33 }),
            nameof(MeshField.EdgeCidr), 0, 1, "10.0.0.0/33 is no network address" },
        { d => d.EdgeCidr.Add(Prefix("10.244.1.128/25")), nameof(MeshField.EdgeCidr), 0, 1,
            "10.244.1.128/25 overlaps 10.244.1.0/24" },
        { d => d.CloudCidr.Add(Prefix("0.0.0.0/0")), nameof(MeshField.CloudCidr), 0, 1, "every address there is" },
        { d => d.Nodes[1].Addresses.Add("/ip4/10.244.5.7/tcp/1"), nameof(MeshField.NodeAddress), 1, 1,
            "the tunnel can't carry itself" },
        { d => d.Nodes[1].Addresses.Add("/ip4/ 1"), nameof(MeshField.NodeAddress), 1, 1, "is no IPv4 address" },
        { d => d.Nodes[1].Addresses.AddRange(Enumerable.Repeat("/ip4/192.0.2.1/tcp/1", 16)),
            nameof(MeshField.NodeAddress), 1, 16, "more than 16 addresses" },
        { d => d.EdgeCidr.AddRange(Enumerable.Repeat(Prefix("10.0.0.0/8"), 1023)), nameof(MeshField.EdgeCidr), 0, 1023,
            "more than 1024 CIDRs" },
        { d => d.Nodes.AddRange(Enumerable.Repeat(new MeshNode(), 16_384)), nameof(MeshField.Nodes), 0, 0,
            "16386 nodes: the limit" },
        { d => d.Nodes[0].Prefixes.AddRange(Enumerable.Repeat(new IpPrefix(), 131_072)), nameof(MeshField.Nodes), 0, 0,
            "131074 prefixes: the limit" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_finding_names_its_subject_cause_and_remedy(
        Action<MeshDocument> spoil, string field, int node, int entry, string text)
    {
        MeshDocument document = Good();
        spoil(document);
        IReadOnlyList<MeshFinding> findings = MeshRules.Judge(document, "cloud");
        var subject = new MeshSubject(Enum.Parse<MeshField>(field), node, entry);
        Assert.Contains(
            findings, finding => finding.Subject == subject
                && finding.ToText().Contains(text, StringComparison.Ordinal) && finding.Remedy.Length > 0);
    }

    [Fact]
    public void A_contradiction_names_both_parts()
    {
        MeshDocument document = Good();
        document.Nodes[1].Prefixes.Add(Prefix("10.244.1.0/24"));
        MeshFinding finding = Assert.Single(MeshRules.Judge(document, "cloud"));
        Assert.Equal(new MeshSubject(MeshField.NodePrefix, 0, 0), finding.Other);
        Assert.Equal(
            "10.244.1.0/24 belongs to node 'cloud' already, in object x: a prefix has one node",
            finding.ToText("in object x"));
    }

    [Fact]   // both ends of the control channel refuse what breaks Validate: the rules must be at least as strict
    public void What_the_rules_let_pass_the_control_channel_takes()
    {
        const int seed = 20261129;
        var random = new Random(seed);
        int passed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            MeshDocument document = Good();
            for (int change = random.Next(3); change > 0; change--)
            {
                Spoil(document, random);
            }

            if (MeshRules.Judge(document, "cloud").Count == 0)
            {
                passed++;
                Assert.True(MeshDocuments.Validate(document) is null, $"seed {seed}, round {i}: {document}");
            }
        }

        Assert.InRange(passed, 1000, 19_000);
    }

    [Fact]
    public void At_most_twenty_findings_are_told()
    {
        MeshDocument document = Good();
        document.Nodes[1].Addresses.Clear();
        document.Nodes[1].Prefixes.AddRange(
            Enumerable.Range(0, 100_000).Select(i => Prefix($"10.{100 + (i >> 16)}.{(i >> 8) & 255}.{i & 255}/32")));
        Assert.Equal(MeshRules.FindingsMax, MeshRules.Judge(document, "cloud").Count);
    }

    private static MeshDocument Good() =>
        Document(0, Node("cloud", 1, "10.244.1.0/24"), Node("edge", 2, "10.244.5.0/24"));

    private static void Spoil(MeshDocument document, Random random)
    {
        MeshNode node = document.Nodes[random.Next(document.Nodes.Count)];
        string[] names = ["cloud", "edge", "x", "-x", "", new string('n', 253), new string('n', 254)];
        string[] addresses = ["/ip4/192.0.2.9/tcp/1", "/dns4/a.b/tcp/1", "/ip4/10.244.1.1/tcp/1", "/unix/x", "x", "/"];
        switch (random.Next(6))
        {
            case 0:
                node.Name = names[random.Next(names.Length)];
                break;
            case 1:
                node.PeerId = ByteString.CopyFrom([0, (byte)random.Next(50), .. new byte[random.Next(50)]]);
                break;
            case 2:
                node.Addresses.Add(addresses[random.Next(addresses.Length)]);
                break;
            case 3:
                node.Prefixes.Add(RandomPrefix(random));
                break;
            case 4:
                document.EdgeCidr.Add(RandomPrefix(random));
                break;
            default:
                document.Nodes.Add(Node($"n{random.Next(3)}", (byte)random.Next(5)));
                break;
        }
    }

    private static IpPrefix RandomPrefix(Random random) => new()
    {
        Address = ByteString.CopyFrom([10, 244, (byte)random.Next(8), (byte)(random.Next(2) * 128)]),
        Length = (uint)random.Next(23, 34),
    };
}
