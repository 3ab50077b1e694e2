using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Forwarding;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding;

public sealed class PacketLedgerTests
{
    private const int Workers = 3;
    private const int Peers = 2;

    private static readonly Gen<(int Action, int Worker, int Peer, int Bytes)[]> Steps =
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, Workers - 1], Gen.Int[0, Peers - 1], Gen.Int[1, 1500]).Array[0, 500];

    [Fact]
    public void Refused_packets_never_were_delivered_and_no_figure_falls()
    {
        var ledger = new PacketLedger();
        PeerLedger peer = ledger.MakePeer();
        for (int i = 0; i < 4; i++)
        {
            ledger.Received(peer, 100);
            ledger.Delivering(peer, 100);
        }

        Assert.Equal((0, 4), (ledger.DeliveredPackets, ledger.OutstandingIn));
        ledger.Settle(peer, refused: 1);
        Assert.Equal((3, 300), (ledger.DeliveredPackets, ledger.DeliveredBytes));
        Assert.Equal((3, 300), (peer.DeliveredPackets, peer.DeliveredBytes));
        Assert.Equal(1, peer.DroppedInByReason[(int)DropReason.TunError]);
        Assert.Equal(0, ledger.OutstandingIn);

        // The kernel refused an answer of our own too.
        ledger.Received(peer, 100);
        ledger.Delivering(peer, 100);
        ledger.Settle(peer, refused: 2);
        Assert.Equal((3, 2, 0), (ledger.DeliveredPackets, ledger.DroppedInPackets, ledger.OutstandingIn));
        ledger.Settle(peer, refused: 1);
        Assert.Equal(2, ledger.DroppedInPackets);
    }

    [Fact]
    public void A_drop_is_the_peers_too_if_the_peer_is_known()
    {
        var ledger = new PacketLedger();
        PeerLedger peer = ledger.MakePeer();
        ledger.DroppedOut(DropReason.NoRoute, null);
        ledger.DroppedOut(DropReason.QueueFull, peer, packets: 5);
        ledger.DroppedIn(DropReason.SpoofedSource, peer);
        Assert.Equal((6, 1), (ledger.DroppedOutPackets, ledger.DroppedInPackets));
        Assert.Equal((5, 1), (peer.DroppedOutPackets, peer.DroppedInPackets));
        Assert.Equal(5, peer.DroppedOutByReason[(int)DropReason.QueueFull]);
        Assert.Equal(1, peer.DroppedInByReason[(int)DropReason.SpoofedSource]);
        Assert.Equal(1, ledger.DroppedOutByReason[(int)DropReason.NoRoute]);
        Assert.Equal(0, ledger.DroppedInByReason[(int)DropReason.QueueFull]);
    }

    // Random packets at three workers; who has how many is kept in plain numbers beside.
    [Fact]
    public void Whatever_happens_each_worker_and_their_sum_balance() =>
        Steps.Sample(
            steps =>
            {
                Side[] sides = [.. Enumerable.Range(0, Workers).Select(_ => new Side())];
                int inRing = 0;
                foreach ((int action, int worker, int peer, int bytes) in steps)
                {
                    long[] before = [.. sides.SelectMany(side => side.Figures)];
                    inRing += sides[worker].Step(action, sides[worker].Peers[peer], bytes, inRing);
                    IEnumerable<long> after = sides.SelectMany(side => side.Figures);
                    Assert.All(after.Zip(before), pair => Assert.True(pair.First >= pair.Second));
                    Assert.All(sides, side => side.Check());
                }

                Assert.Equal(
                    inRing, sides.Sum(side => side.Ledger.HandedOverPackets - side.Ledger.TakenOverPackets));
                Assert.Equal(
                    sides.Sum(side => side.Queued) + inRing,
                    sides.Sum(side => side.Ledger.EnteredPackets - side.Ledger.SentPackets)
                    - sides.Sum(side => side.Ledger.DroppedOutPackets));
            },
            iter: 200);

    [Fact]
    public void Writing_allocates_nothing()
    {
        var side = new Side();
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                side.Step(i % 8, side.Peers[0], 100, inRing: 1);
            }
        }));
    }

    private sealed class Side
    {
        public Side() => Peers = [.. Enumerable.Range(0, PacketLedgerTests.Peers).Select(_ => Ledger.MakePeer())];

        public PacketLedger Ledger { get; } = new();

        public PeerLedger[] Peers { get; }

        public int Queued { get; private set; }

        public int Held { get; private set; }

        public long[] Figures =>
        [
            Ledger.EnteredPackets, Ledger.EnteredBytes, Ledger.SentPackets, Ledger.SentBytes, Ledger.ReceivedPackets,
            Ledger.ReceivedBytes, Ledger.DeliveredPackets, Ledger.DeliveredBytes, Ledger.HandedOverBytes,
            Ledger.TakenOverBytes, .. Ledger.DroppedOutByReason, .. Ledger.DroppedInByReason,
        ];

        /// <summary>Returns by how many the packets between the workers become more.</summary>
        public int Step(int action, PeerLedger peer, int bytes, int inRing)
        {
            switch (action)
            {
                case 0:
                    Ledger.Entered(bytes);
                    Queued++;
                    return 0;
                case 1 when Queued > 0:
                    Ledger.Sent(peer, bytes);
                    Queued--;
                    return 0;
                case 2 when Queued > 0:
                    Ledger.DroppedOut(DropReason.QueueFull, bytes % 2 == 0 ? peer : null);
                    Queued--;
                    return 0;
                case 3 when Queued > 0:
                    Ledger.HandedOver(bytes);
                    Queued--;
                    return 1;
                case 4 when inRing > 0:
                    Ledger.TakenOver(bytes);
                    Queued++;
                    return -1;
                case 5:
                    Ledger.Received(peer, bytes);
                    Ledger.Delivering(peer, bytes);
                    Held++;
                    return 0;
                case 6:
                    Ledger.Received(peer, bytes);
                    Ledger.DroppedIn(DropReason.Malformed, peer);
                    return 0;
                case 7:
                    long open = Ledger.OutstandingIn;
                    Ledger.Settle(peer, refused: bytes % 3);
                    Held -= (int)(open - Ledger.OutstandingIn);
                    return 0;
                default:
                    return 0;
            }
        }

        public void Check()
        {
            if (Ledger.OutstandingOut != Queued || Ledger.OutstandingIn != Held)
            {
                Assert.Fail($"out {Ledger.OutstandingOut}, queued {Queued}; in {Ledger.OutstandingIn}, held {Held}");
            }

            Assert.Equal(Ledger.SentPackets, Peers.Sum(peer => peer.SentPackets));
            Assert.Equal(Ledger.SentBytes, Peers.Sum(peer => peer.SentBytes));
            Assert.Equal(Ledger.ReceivedPackets, Peers.Sum(peer => peer.ReceivedPackets));
            Assert.Equal(Ledger.DeliveredBytes, Peers.Sum(peer => peer.DeliveredBytes));
            Assert.Equal(Ledger.DroppedInPackets, Peers.Sum(peer => peer.DroppedInPackets));
        }
    }
}
