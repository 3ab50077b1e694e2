using System.Linq;
using System.Net;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Tunnel.Mesh;
using Google.Protobuf;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Mesh;

public sealed class MeshCompilerTests
{
    private static readonly PeerId[] Ids = [.. Enumerable.Range(0, 5).Select(_ => NewId())];

    private static PeerId NewId()
    {
        using KeyPair pair = KeyPair.Generate();
        return pair.PeerId;
    }

    private static MeshNode Node(int number, params string[] prefixes)
    {
        MeshNode node = new() { Name = $"n{number}", PeerId = ByteString.CopyFrom(Ids[number].Bytes.Span) };
        foreach (string text in prefixes)
        {
            string[] parts = text.Split('/');
            node.Prefixes.Add(new IpPrefix
            {
                Address = ByteString.CopyFrom(IPAddress.Parse(parts[0]).GetAddressBytes()),
                Length = uint.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
            });
        }

        return node;
    }

    private static MeshDocument Document(params MeshNode[] nodes)
    {
        MeshDocument document = new() { Generation = 1 };
        document.Nodes.AddRange(nodes);
        return document;
    }

    [Fact]
    public void Own_prefixes_are_local_and_those_of_others_lead_to_their_peer()
    {
        MeshView view = new MeshCompiler("n0", Ids[0]).Compile(
            Document(Node(0, "10.0.0.0/24", "fd00::/64"), Node(1, "10.0.1.0/24", "fd00:1::/64")));
        Assert.True(view.Lookup(IPAddress.Parse("10.0.0.7")).IsLocal);
        Assert.True(view.Lookup(IPAddress.Parse("fd00::7")).IsLocal);
        Assert.Equal(view.Peers[0].Index, view.Lookup(IPAddress.Parse("10.0.1.7")).PeerIndex);
        Assert.Equal(view.Peers[0].Index, view.Lookup(IPAddress.Parse("fd00:1::7")).PeerIndex);
        Assert.True(view.Lookup(IPAddress.Parse("10.0.2.7")).IsNone);
    }

    [Fact]
    public void Prefix_of_two_nodes_leads_nowhere_and_is_named()
    {
        MeshView view = new MeshCompiler("n0", Ids[0]).Compile(
            Document(Node(0, "10.0.0.0/24"), Node(1, "10.0.1.0/24"), Node(2, "10.0.1.0/24")));
        Assert.True(view.Lookup(IPAddress.Parse("10.0.1.7")).IsNone);
        Assert.Equal("10.0.1.0/24", Assert.Single(view.Conflicts).Prefix);
    }

    [Fact]
    public void Peer_keeps_its_index_while_others_come_and_go_and_a_free_index_is_used_again()
    {
        MeshCompiler compiler = new("n0", Ids[0]);
        MeshView first = compiler.Compile(Document(Node(0), Node(1), Node(2)));
        int kept = first.Peers.Single(peer => peer.Name == "n2").Index;
        int freed = first.Peers.Single(peer => peer.Name == "n1").Index;
        MeshView second = compiler.Compile(Document(Node(0), Node(2), Node(3)));
        Assert.Equal(kept, second.Peers.Single(peer => peer.Name == "n2").Index);
        Assert.Equal(freed, second.Peers.Single(peer => peer.Name == "n3").Index);
        Assert.Equal(Ids[3], second.PeerAt(freed)!.Id);
    }

    [Fact]
    public void Document_without_this_node_is_refused_with_the_remedy() => Assert.Contains(
        "--node",
        Assert.Throws<ConfigurationException>(() => new MeshCompiler("n9", Ids[0]).Compile(Document(Node(1)))).Message,
        System.StringComparison.Ordinal);

    [Fact]
    public void Document_with_another_key_for_this_node_is_refused_with_the_remedy() => Assert.Contains(
        "edgemesh-dataplane identity",
        Assert.Throws<ConfigurationException>(() => new MeshCompiler("n1", Ids[0]).Compile(Document(Node(1)))).Message,
        System.StringComparison.Ordinal);
}
