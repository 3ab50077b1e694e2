using System;
using System.Linq;
using CsCheck;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;
using Xunit;
using static EdgeMesh.UnitTests.ControlChannel.SampleMeshes;

namespace EdgeMesh.UnitTests.ControlChannel;

public sealed class MeshDocumentsTests
{
    private static readonly Gen<MeshDocument> Documents =
        from names in Gen.Int[0, 12].HashSet[0, 8]
        from versions in Gen.Int[0, 2].Array[12 + 1]
        from cidr in Gen.Bool
        select Make(names.Select(name =>
            Node($"n{name}", (byte)(name + 1), $"10.244.{name}.{versions[name] * 16}/28")), cidr);

    [Fact]
    public void A_delta_makes_the_one_document_of_the_other()
    {
        Gen.Select(Documents, Documents).Sample((from, to) =>
        {
            from.Generation = 4;
            to.Generation = 9;
            MeshDocument before = from.Clone();
            MeshDelta delta = MeshDocuments.Diff(from, to);
            Assert.Equal(to, MeshDocuments.Apply(from, delta));
            Assert.Equal(before, from);
            Assert.True(delta.Upserts.Count <= to.Nodes.Count);
        });
    }

    [Fact]
    public void A_compact_document_says_the_same_and_is_independent_of_what_it_was_read_from()
    {
        Documents.Sample(document =>
        {
            byte[] bytes = document.ToByteArray();
            MeshDocument read = MeshDocument.Parser.ParseFrom(bytes);
            MeshDocuments.Compact(read);
            Assert.Equal(document, read);
            Assert.Equal(document.GetHashCode(), read.GetHashCode());
            Assert.Equal(bytes, read.ToByteArray());
            Assert.All(read.Nodes, static node => Assert.Equal(node.Prefixes.Count, node.Prefixes.Capacity));
        });
    }

    [Fact]
    public void Equal_documents_have_an_empty_delta()
    {
        MeshDelta delta = MeshDocuments.Diff(Document(1, Node("a", 1)), Document(2, Node("a", 1)));
        Assert.Equal(new MeshDelta { BaseGeneration = 1, Generation = 2 }, delta);
    }

    [Fact]
    public void A_delta_for_another_generation_is_refused()
    {
        var delta = new MeshDelta { BaseGeneration = 3, Generation = 4 };
        foreach (MeshDocument? current in (MeshDocument?[])[null, Document(2)])
        {
            var e = Assert.Throws<RequestRefusedException>(() => MeshDocuments.Apply(current, delta));
            Assert.Equal(ErrorCode.Generation, e.Code);
        }
    }

    [Fact]
    public void Contradictory_deltas_are_refused()
    {
        MeshDocument current = Document(3, Node("a", 1));
        MeshDelta backwards = new() { BaseGeneration = 3, Generation = 3 };
        MeshDelta unknown = new() { BaseGeneration = 3, Generation = 4, Removals = { "b" } };
        MeshDelta samePeer = new() { BaseGeneration = 3, Generation = 4, Upserts = { Node("b", 1) } };
        foreach (MeshDelta delta in (MeshDelta[])[backwards, unknown, samePeer])
        {
            Assert.Equal(ErrorCode.Invalid,
                Assert.Throws<RequestRefusedException>(() => MeshDocuments.Apply(current, delta)).Code);
        }
    }

    [Fact]
    public void A_document_in_order_is_valid()
    {
        Assert.Null(MeshDocuments.Validate(
            Document(1, Node("a", 1, "10.244.1.0/24", "fd00:1::/64"), Node("b.x-y_z", 2))));
        Assert.Null(MeshDocuments.Validate(new MeshDocument()));
    }

    public static TheoryData<string, Action<MeshDocument>> Faults => new()
    {
        { "two nodes are called 'b'", d => d.Nodes[0].Name = "b" },
        { "have one peer id", d => d.Nodes[0].PeerId = d.Nodes[1].PeerId },
        { "is no node name", d => d.Nodes[0].Name = "" },
        { "is no node name", d => d.Nodes[0].Name = "a b\u0007" },
        { "is no node name", d => d.Nodes[0].Name = new string('a', 254) },
        { "malformed peer id", d => d.Nodes[0].PeerId = ByteString.Empty },
        { "malformed peer id", d => d.Nodes[0].PeerId = ByteString.CopyFrom(new byte[45]) },
        { "is no multiaddr", d => d.Nodes[0].Addresses.Add("192.0.2.1:20006") },
        { "is no multiaddr", d => d.Nodes[0].Addresses.Add("/ip4/ 1") },
        { "is no multiaddr", d => d.Nodes[0].Addresses.Add("/" + new string('x', 600)) },
        { "17 addresses", d => d.Nodes[0].Addresses.AddRange(Enumerable.Repeat("/ip4/192.0.2.1/tcp/1", 16)) },
        { "has the prefix 10.244.1.0/24 twice", d => d.Nodes[0].Prefixes.Add(Prefix("10.244.1.0/24")) },
        { "is no network address", d =>
            d.Nodes[0].Prefixes.Add(new IpPrefix { Address = ByteString.CopyFrom(1, 2, 3), Length = 8 }) },
        { "is no network address", d =>
            d.Nodes[0].Prefixes.Add(new IpPrefix { Address = ByteString.CopyFrom(1, 2, 3, 4), Length = 24 }) },
        { "is no network address", d =>
            d.CloudCidr.Add(new IpPrefix { Address = ByteString.CopyFrom(1, 2, 3, 4), Length = 33 }) },
        { "CIDRs; the limit", d => d.EdgeCidr.AddRange(Enumerable.Repeat(Prefix("10.0.0.0/8"), 1025)) },
        { "nodes; the limit", d => d.Nodes.AddRange(Enumerable.Repeat(new MeshNode(), 16_385)) },
        { "prefixes; the limit", TooManyPrefixes },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_document_is_named(string message, Action<MeshDocument> spoil)
    {
        MeshDocument document = Document(1, Node("a", 1, "10.244.1.0/24"), Node("b", 2));
        spoil(document);
        Assert.Contains(message, MeshDocuments.Validate(document));
    }

    [Fact]
    public void One_prefix_at_two_nodes_is_left_to_the_data_plane() =>
        Assert.Null(MeshDocuments.Validate(Document(1, Node("a", 1, "10.244.1.0/24"), Node("b", 2, "10.244.1.0/24"))));

    private static void TooManyPrefixes(MeshDocument document)
    {
        byte[] address = new byte[4];
        for (int i = 0; i <= ControlLimits.PrefixesMax; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(address, i);
            document.Nodes[0].Prefixes.Add(new IpPrefix { Address = ByteString.CopyFrom(address), Length = 32 });
        }
    }

    private static MeshDocument Make(System.Collections.Generic.IEnumerable<MeshNode> nodes, bool hasOtherCidr)
    {
        MeshDocument document = Document(0, nodes);
        if (hasOtherCidr)
        {
            document.EdgeCidr.Add(Prefix("10.244.6.0/24"));
        }

        return document;
    }
}
