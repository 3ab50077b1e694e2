using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.UnitTests.ControlChannel;
using Google.Protobuf;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

/// <summary>
/// What is judged by what changed is what the whole says: over random histories with faults, against
/// <see cref="MeshRules"/> and a fresh <see cref="SiteReach"/>.
/// </summary>
public sealed class MeshJudgeTests
{
    private const string Own = "n00";

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_document_of_a_history_gets_the_findings_of_the_whole(int seed)
    {
        var random = new Random(seed);
        var judge = new MeshJudge(Own);
        var reach = new SiteReach();
        MeshDocument good = First(random);
        int refused = 0;
        for (int step = 0; step < 400; step++)
        {
            // From the last good one or from any: what was refused must have left nothing behind.
            MeshDocument next = Change(good, random);
            IReadOnlyList<MeshFinding> expected = MeshRules.Judge(next, Own);
            Assert.Equal(expected, judge.Judge(next));
            Assert.Equal(SiteReach.FindUnreachable(next), reach.Find(next));
            refused += expected.Count > 0 ? 1 : 0;
            good = expected.Count == 0 ? next : good;
        }

        Assert.InRange(refused, 20, 380);
        Assert.InRange(judge.WholeCount, refused, refused + 100); // CIDRs change now and then; the rest is followed
    }

    [Fact]
    public void A_large_document_is_judged_whole_once_however_often_some_of_it_changes()
    {
        var judge = new MeshJudge(Own);
        MeshDocument mesh = Large();
        Assert.Empty(judge.Judge(mesh));
        for (int i = 0; i < 50; i++)
        {
            MeshDocument next = Share(mesh);
            MeshNode node = next.Nodes[i].Clone();
            IpPrefix moved = next.Nodes[i + 1].Prefixes[0];
            MeshNode from = next.Nodes[i + 1].Clone();
            from.Prefixes.RemoveAt(0);
            node.Prefixes.Add(moved);
            next.Nodes[i] = node;
            next.Nodes[i + 1] = from;
            MeshDocuments.Canonicalize(next);
            Assert.Empty(judge.Judge(next));
            mesh = next;
        }

        Assert.Equal(1, judge.WholeCount);
    }

    private static MeshDocument Large()
    {
        var mesh = new MeshDocument();
        mesh.EdgeCidr.Add(SampleMeshes.Prefix("10.0.0.0/8"));
        for (int i = 0; i < 200; i++)
        {
            MeshNode node = SampleMeshes.Node($"n{i:00}", (byte)i);
            node.Prefixes.AddRange(Enumerable.Range(0, 5).Select(pod => Host(10, 1, (byte)i, (byte)pod)));
            mesh.Nodes.Add(node);
        }

        MeshDocuments.Canonicalize(mesh);
        return mesh;
    }

    private static MeshDocument First(Random random)
    {
        var mesh = new MeshDocument();
        mesh.CloudCidr.Add(SampleMeshes.Prefix("10.1.0.0/16"));
        mesh.EdgeCidr.Add(SampleMeshes.Prefix("10.2.0.0/16"));
        mesh.EdgeCidr.Add(SampleMeshes.Prefix("10.3.0.0/16"));
        mesh.EdgeCidr.Add(SampleMeshes.Prefix("fd00:3::/64"));
        for (int i = 0; i < 12; i++)
        {
            MeshNode node = SampleMeshes.Node($"n{i:00}", (byte)i);
            node.Prefixes.Add(Host(10, 1, (byte)i, (byte)random.Next(100)));
            mesh.Nodes.Add(node);
        }

        MeshDocuments.Canonicalize(mesh);
        return mesh;
    }

    private static MeshDocument Share(MeshDocument mesh)
    {
        var next = new MeshDocument();
        next.CloudCidr.AddRange(mesh.CloudCidr);
        next.EdgeCidr.AddRange(mesh.EdgeCidr);
        next.Nodes.AddRange(mesh.Nodes);
        return next;
    }

    private static MeshDocument Change(MeshDocument mesh, Random random)
    {
        MeshDocument next = Share(mesh);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            ChangeOne(next, random);
        }

        MeshDocuments.Canonicalize(next);
        return next;
    }

    private static void ChangeOne(MeshDocument mesh, Random random)
    {
        int place = random.Next(mesh.Nodes.Count);
        MeshNode node = mesh.Nodes[place].Clone();
        mesh.Nodes[place] = node;
        switch (random.Next(40))
        {
            case 0:
                mesh.Nodes.RemoveAt(place); // it may be this node
                break;
            case 1:
                mesh.Nodes.Add(SampleMeshes.Node($"n{random.Next(40):00}", (byte)random.Next(256)));
                break;
            case 2:
                node.PeerId = random.Next(2) == 0
                    ? mesh.Nodes[random.Next(mesh.Nodes.Count)].PeerId
                    : SampleMeshes.Node("x", (byte)random.Next(256)).PeerId;
                break;
            case 3:
                node.Addresses.Add(Addresses[random.Next(Addresses.Length)]);
                break;
            case 4 when node.Addresses.Count > 0:
                node.Addresses.RemoveAt(0);
                break;
            case 5:
                node.Relay = !node.Relay;
                break;
            case 6:
                mesh.EdgeCidr.Add(Host(10, (byte)random.Next(3, 6), 0, 0, 16)); // 10.3 is there
                break;
            case 7:
                node.Prefixes.Add(new IpPrefix { Address = ByteString.CopyFrom(10, 1, 1, 1), Length = 24 });
                break;
            case 8:
                node.PeerId = ByteString.Empty;
                break;
            case 9:
                node.Prefixes.Add(SampleMeshes.Prefix($"fd00:3::{random.Next(8)}/128"));
                break;
            case 10 or 11 when mesh.Nodes[random.Next(mesh.Nodes.Count)] is { Prefixes.Count: > 0 } other:
                node.Prefixes.Add(other.Prefixes[0]); // another node's, or its own once more
                break;
            case < 24 when node.Prefixes.Count > 0:
                node.Prefixes.RemoveAt(random.Next(node.Prefixes.Count));
                break;
            default:
                node.Prefixes.Add(Host(10, (byte)random.Next(1, 4), (byte)place, (byte)random.Next(60)));
                break;
        }
    }

    private static readonly string[] Addresses =
    [
        "/ip4/192.0.2.200/tcp/20006", "/ip4/10.1.0.9/tcp/20006", "/dns4/relay.example.com/tcp/443",
        "/ip4/203.0.113.7/tcp/1", "nonsense", "/ip4/172.16.0.1/tcp/20006",
    ];

    private static IpPrefix Host(byte first, byte second, byte third, byte fourth, uint length = 32) => new()
    {
        Address = ByteString.CopyFrom(first, second, third, fourth), Length = length,
    };
}
