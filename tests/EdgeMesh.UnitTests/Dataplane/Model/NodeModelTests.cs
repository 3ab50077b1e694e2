using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Dataplane.Metrics;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Forwarding;
using EdgeMesh.Metrics;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Paths;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Model;

public sealed class NodeModelTests
{
    [Fact]
    public async Task No_counter_falls_when_a_peer_leaves_the_mesh_and_comes_again()
    {
        await using HandNode node = new();
        node.Apply(hasPeer: true);
        UseEverything(node);
        Dictionary<string, double> before = Counters(node);
        Assert.Equal(3, before["edgemesh_packets_total{direction=\"out\"}"]);
        Assert.Equal(0, before["edgemesh_packets_dropped_total{direction=\"out\",reason=\"peer_down\"}"]);

        node.Apply(hasPeer: false);
        Dictionary<string, double> without = Counters(node);
        AssertNoneFell(before, without);
        Assert.Equal(1, without["edgemesh_packets_dropped_total{direction=\"out\",reason=\"peer_down\"}"]);

        node.Apply(hasPeer: true);
        AssertNoneFell(without, Counters(node));
        PeerModel again = Assert.Single(await node.RunAsync(PeerModel.AllOfAsync(node.Node)));
        Assert.Equal((0, 0), (again.ReceivedPackets, again.DroppedPackets));
    }

    [Fact]
    public async Task Packets_are_delivered_or_dropped_or_queued_and_what_the_kernel_dropped_is_none_of_them()
    {
        await using HandNode node = new();
        node.Apply(hasPeer: true);
        node.TunQueueDrops = 1000;
        UseEverything(node);
        NodeModel model = NodeModel.Of(node.Node);
        Assert.Equal(3, model.Out.Packets);
        Assert.Equal(1, model.QueuePackets);
        Assert.Equal(
            model.Out.Packets,
            model.Out.DeliveredPackets + model.DroppedOut.Sum(drops => drops.Count) + model.QueuePackets);
        Assert.Equal(
            model.In.Packets, model.In.DeliveredPackets + model.DroppedIn.Sum(drops => drops.Count));
        Assert.Equal(1000, model.TunQueueDrops);
    }

    [Fact]
    public async Task Model_has_the_mesh_in_force_and_each_peer_its_own_figures()
    {
        await using HandNode node = new();
        node.Apply(hasPeer: true);
        UseEverything(node);
        NodeModel model = NodeModel.Of(node.Node);
        Assert.Equal((1, 0, 2), (model.PeersKnown, model.PeersConnected, model.RoutesIpv4));
        Assert.Equal((1UL, "file", "control"), (model.Generation, model.GenerationSource, model.SnapshotSource));
        Assert.Equal(1, model.Peers.Single(count => count.State == "no_address").Count);

        PeerModel peer = Assert.Single(await node.RunAsync(PeerModel.AllOfAsync(node.Node)));
        Assert.Equal("n1", peer.Link.Peer.Name);
        Assert.Single(peer.Prefixes);
        Assert.Equal((1, 2, 2), (peer.SentPackets, peer.ReceivedPackets, peer.DroppedPackets));
        Assert.Equal(200, peer.QueueBytes);
    }

    [Fact]
    public async Task Each_way_a_connection_can_end_is_counted_by_its_label()
    {
        await using HandNode node = new();
        foreach (PathEnding ending in Enum.GetValues<PathEnding>())
        {
            node.Node.Events.Add(ending);
        }

        NodeModel model = NodeModel.Of(node.Node);
        Assert.All(
            Enum.GetValues<PathEnding>(),
            ending => Assert.Equal(
                1, model.ConnectionEvents.Single(seen => seen.Label == PathEndings.LabelOf(ending)).Count));
        Assert.Distinct(model.ConnectionEvents.Select(seen => seen.Label));
    }

    // One of each fate: sent, dropped and queued on the way out, delivered and dropped on the way in.
    private static void UseEverything(HandNode node)
    {
        PacketLedger ledger = node.Worker.Ledger;
        WorkerPeer peer = Assert.Single(node.Worker.Peers)!;
        for (int i = 0; i < 3; i++)
        {
            ledger.Entered(100);
        }

        ledger.Sent(peer.Ledger, 100);
        ledger.DroppedOut(DropReason.TooBig, peer.Ledger);
        Assert.True(node.Pool.TryRent(200, out Packet? packet));
        Assert.True(peer.Queue.TryEnqueue(node.Worker.Loop.Now, packet));
        ledger.Received(peer.Ledger, 300);
        ledger.Received(peer.Ledger, 300);
        ledger.Delivering(peer.Ledger, 300);
        ledger.Settle(peer.Ledger, refused: 0);
        ledger.DroppedIn(DropReason.SpoofedSource, peer.Ledger);
        node.Node.Scrapes.Add(ScrapeOutcome.Served);
    }

    private static void AssertNoneFell(Dictionary<string, double> before, Dictionary<string, double> after) =>
        Assert.All(before, series => Assert.True(
            after.TryGetValue(series.Key, out double value) && value >= series.Value, $"{series.Key} fell or went"));

    // Every series of a counter, as a scrape shows it.
    private static Dictionary<string, double> Counters(HandNode node)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsReport(node.Node).Write(new MetricsWriter(output));
        Dictionary<string, double> counters = [];
        bool isCounter = false;
        foreach (string line in Encoding.UTF8.GetString(output.WrittenSpan).Split('\n'))
        {
            if (line.StartsWith("# TYPE", StringComparison.Ordinal))
            {
                isCounter = line.EndsWith(" counter", StringComparison.Ordinal);
            }
            else if (isCounter && line.Length > 0 && line[0] != '#')
            {
                int blank = line.LastIndexOf(' ');
                counters.Add(line[..blank], double.Parse(line[blank..], CultureInfo.InvariantCulture));
            }
        }

        return counters;
    }
}
