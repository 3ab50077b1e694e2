using System;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Control;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Forwarding;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Metrics;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.UnitTests.Dataplane.Metrics;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Control;

public sealed class ReportTests
{
    [Fact]
    public void Status_tells_the_same_figures_as_the_metrics()
    {
        Status status = StatusReport.Build(MetricFamiliesTests.Filled);
        Assert.Equal((1UL, 3UL, 5UL, 7UL), (status.PacketsIn, status.PacketsSent, status.PacketsReceived,
            status.PacketsDelivered));
        Assert.Equal((4UL, 6UL), (status.BytesSent, status.BytesReceived));
        Assert.Equal(19UL, status.PacketsDropped);
        Assert.Equal(31UL, status.TunQueueDrops); // beside the dropped ones, not among them
        Assert.Equal((27UL, 13UL, 12UL), (status.PoolBytes, status.PoolBytesUsed, status.QueueBytes));
        Assert.Equal(["one", "another"], status.Conflicts);
        Assert.Equal("stranger", Assert.Single(status.ConnectionEvents).Reason);
    }

    [Fact]
    public void Drops_have_every_reason_once_with_an_explanation_and_the_TUNs_own_beside_them()
    {
        Drops drops = DropsReport.Build(MetricFamiliesTests.Filled);
        Assert.Equal(
            [.. DropReasons.All.Select(DropReasons.Label), DropsReport.TunQueueFull],
            drops.Drops_.Select(drop => drop.Reason));
        Assert.All(drops.Drops_, drop => Assert.NotEqual("", drop.Explanation));
        Assert.Equal(9UL, drops.Drops_.Single(drop => drop.Reason == "no_route").Packets);
        Assert.Equal(10UL, drops.Drops_.Single(drop => drop.Reason == "spoofed_source").Packets);
        Assert.Equal(31UL, drops.Drops_.Single(drop => drop.Reason == "tun_queue_full").Packets);
    }

    [Fact]
    public void Reason_of_both_ways_is_summed()
    {
        NodeModel model = new()
        {
            DroppedOut = [new LabelledCount("malformed", 3)],
            DroppedIn = [new LabelledCount("malformed", 4)],
        };
        Assert.Equal(7UL, DropsReport.Build(model).Drops_.Single(drop => drop.Reason == "malformed").Packets);
    }

    [Fact]
    public void Peer_is_told_with_its_path_and_how_its_last_connection_ended()
    {
        using KeyPair key = KeyPair.Generate();
        PeerInfo info = new(0, "n1", key.PeerId, []);
        PathInfo path = new(
            1, info, 0, 0, WeDialed: false, PathKind.Direct, Multiaddr.Parse("/ip4/192.0.2.7/tcp/20006"));
        Peer peer = Assert.Single(PeersReport.Build(
        [
            new PeerModel
            {
                Link = new LinkReport(
                    info, LinkState.Stalled, path, 1, "gone", PathEnding.KeepAliveTimeout,
                    TimeSpan.FromSeconds(9), TimeSpan.FromMilliseconds(250)),
                SentPackets = 1,
                ReceivedPackets = 2,
                SentBytes = 3,
                ReceivedBytes = 4,
                DroppedPackets = 5,
                QueueBytes = 6,
            },
        ]).Peers_);
        Assert.Equal(
            ["n1", "stalled", "direct", "accepted", "192.0.2.7:20006", "gone", "keep_alive_timeout"],
            [peer.Name, peer.State, peer.Path, peer.PathDetail, peer.Endpoint, peer.LastError, peer.LastEnding]);
        Assert.Equal((1UL, 2UL, 3UL, 4UL, 5UL, 6UL),
            (peer.PacketsSent, peer.PacketsReceived, peer.BytesSent, peer.BytesReceived, peer.PacketsDropped,
                peer.QueueBytes));
        Assert.Equal((9.0, 0.25), (peer.ConnectedSeconds, peer.RttSeconds));
    }

    [Fact]
    public void Peer_without_a_connection_has_no_path_and_no_ending()
    {
        using KeyPair key = KeyPair.Generate();
        LinkReport link = new(
            new PeerInfo(0, "n1", key.PeerId, []), LinkState.NoAddress, null, 0, "", null, default, default);
        Peer peer = Assert.Single(PeersReport.Build([new PeerModel { Link = link }]).Peers_);
        Assert.Equal(
            ["no_address", "", "", "", ""],
            [peer.State, peer.Path, peer.PathDetail, peer.Endpoint, peer.LastEnding]);
    }

    [Fact]
    public void Each_state_of_a_link_has_a_word_of_its_own() => Assert.Distinct(
        Enum.GetValues<LinkState>().Select(PeerModel.LabelOf));
}
