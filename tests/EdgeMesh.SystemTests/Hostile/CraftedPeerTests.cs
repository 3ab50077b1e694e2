using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>
/// A peer of the mesh that turned bad: "crafted", 10.244.90.0/24, at 10.99.0.200, speaks to cloud-1 by hand. The lab is
/// drawn at <see cref="MeshFixture"/>.
/// </summary>
public sealed class CraftedPeerTests(CraftedPeerFixture fixture) : IClassFixture<CraftedPeerFixture>
{
    private const string Own = "10.244.90.1";
    private const string Pod = "10.244.1.11";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public void Packets_of_a_peer_that_behaves_are_delivered_and_answered()
    {
        fixture.RequireMesh();
        Run(hello: null, async (peer, cancellation) =>
        {
            await peer.SendAsync(CraftedPeer.CapsuleOf(0, CraftedPacket.Ping(Own, Pod, 1)), cancellation);
            Assert.True(await peer.ReceiveAsync(packet => CraftedPacket.IsPong(packet, 1), Patience), "no answer");
        });
    }

    public static TheoryData<string, string> BadPackets => new(BadCapsules().Select(bad => (bad.What, bad.Reason)));

    [Theory]
    [MemberData(nameof(BadPackets))]
    public async Task Bad_packet_is_dropped_counted_by_reason_and_harms_nothing_else(string what, string reason)
    {
        fixture.RequireMesh();
        byte[] capsule = BadCapsules().Single(bad => bad.What == what).Capsule;
        IReadOnlyDictionary<string, long> before = await fixture.Cloud.DropsAsync();
        await Task.Run(() => Run(hello: null, async (peer, cancellation) =>
        {
            await peer.SendAsync(capsule, cancellation);
            await peer.SendAsync(CraftedPeer.CapsuleOf(0, CraftedPacket.Ping(Own, Pod, 2)), cancellation);
            Assert.True(
                await peer.ReceiveAsync(packet => CraftedPacket.IsPong(packet, 2), Patience),
                "the good packet behind the bad one was not answered");
        }));
        long CountOf(IReadOnlyDictionary<string, long> drops) => drops.TryGetValue(reason, out long count) ? count : 0;
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => CountOf(await fixture.Cloud.DropsAsync()) == CountOf(before) + 1, Patience),
            $"{reason} did not rise by one: {(await fixture.Cloud.AskAsync("drops")).Raw}");
    }

    [Fact]
    public async Task Capsule_longer_than_any_packet_ends_the_stream()
    {
        fixture.RequireMesh();
        await Task.Run(() => Run(hello: null, async (peer, cancellation) =>
        {
            await peer.SendAsync(CraftedPeer.CapsuleOf(0, new byte[1000], announced: 0xffffff), cancellation);
            Assert.True(await peer.WaitForEndAsync(Patience), "the stream still stands");
        }));
        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f })]
    [InlineData(new byte[] { 0x05, 0xff, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xff, 0x7f })]
    public async Task Bad_hello_ends_the_stream(byte[] hello)
    {
        fixture.RequireMesh();
        await Task.Run(() => Run(hello, async (peer, _) =>
            Assert.True(await peer.WaitForEndAsync(Patience), "the stream still stands")));
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Unknown_capsules_are_skipped()
    {
        fixture.RequireMesh();
        await Task.Run(() => Run(hello: null, async (peer, cancellation) =>
        {
            await peer.SendAsync(CraftedPeer.CapsuleOf(0x77, new byte[3000]), cancellation);
            await peer.SendAsync(CraftedPeer.CapsuleOf(0xff, []), cancellation);
            await peer.SendAsync(CraftedPeer.CapsuleOf(0, CraftedPacket.Ping(Own, Pod, 3)), cancellation);
            Assert.True(await peer.ReceiveAsync(packet => CraftedPacket.IsPong(packet, 3), Patience), "no answer");
        }));
    }

    [Fact]
    public async Task Random_capsules_from_a_peer_harm_nobody()
    {
        fixture.RequireMesh();
        const int Capsules = 20_000;
        int seed = Environment.TickCount;
        var random = new Random(seed);
        await Task.Run(() => Run(hello: null, async (peer, cancellation) =>
        {
            byte[] proper = CraftedPacket.Ping(Own, Pod, 4);
            for (int i = 0; i < Capsules; i++)
            {
                // Packets that are almost right go deeper than noise.
                byte[] value = (byte[])[.. i % 2 == 0 ? CraftedPacket.Offload(1, 1, 40, 1000, 20, 16) : [], .. proper];
                for (int flips = random.Next(4); flips > 0; flips--)
                {
                    value[random.Next(value.Length)] = (byte)random.Next(256);
                }

                await peer.SendAsync(
                    CraftedPeer.CapsuleOf((byte)(i % 2 == 0 ? 1 : 0), value.AsSpan(0, random.Next(value.Length + 1))),
                    cancellation);
            }

            await peer.SendAsync(CraftedPeer.CapsuleOf(0, CraftedPacket.Ping(Own, Pod, 5)), cancellation);
            Assert.True(
                await peer.ReceiveAsync(packet => CraftedPacket.IsPong(packet, 5), Patience),
                $"seed {seed}: no answer");
        }));
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Peer_that_stops_reading_costs_bounded_memory_and_others_go_on()
    {
        fixture.RequireMesh();
        const long ResidentKibibytesMax = 64 * 1024;
        LabPod pod = fixture.Lab.Pod("cloud-1-pod1");
        await Task.Run(() => Run(hello: null, async (_, cancellation) =>
        {
            // The pod floods the crafted peer's prefix; nobody here reads.
            CommandResult flood = await pod.Network.RunAsync(
                [
                    Path.Combine(AppContext.BaseDirectory, "EdgeMesh.Lab"), "traffic", "udp-flood",
                    "--to", Own + ":9", "--size", "1200", "--seconds", "3",
                ],
                input: null,
                timeout: TimeSpan.FromSeconds(15));
            Assert.True(flood.IsSuccess, flood.ErrorOutput);
        }));
        long resident = fixture.Cloud.Dataplane!.ResidentPeakKibibytes;
        Assert.True(resident <= ResidentKibibytesMax, $"resident memory rose to {resident} KiB");
        await fixture.AssertHealthyAsync();
    }

    private void Run(byte[]? hello, Func<CraftedPeer, CancellationToken, Task> actAsync) => CraftedPeer.Run(
        fixture.Lab.Host("stranger"),
        fixture.Identity,
        new IPEndPoint(fixture.Cloud.Node.Plan.Underlay, MeshNode.ListenPort),
        fixture.Cloud.PeerId,
        hello,
        actAsync);

    private static IEnumerable<(string What, string Reason, byte[] Capsule)> BadCapsules()
    {
        byte[] ping = CraftedPacket.Ping(Own, Pod, 9);
        byte[] tcp = CraftedPacket.Ipv4(Own, Pod, CraftedPacket.Tcp, Segment());
        byte[] Changed(int at, byte value)
        {
            byte[] packet = [.. ping];
            packet[at] = value;
            return packet;
        }

        byte[] Packet(byte[] packet) => CraftedPeer.CapsuleOf(0, packet);
        byte[] Offloaded(byte[] header, byte[] packet) => CraftedPeer.CapsuleOf(1, (byte[])[.. header, .. packet]);
        yield return ("empty", "malformed", Packet([]));
        yield return ("one byte", "malformed", Packet([0x45]));
        yield return ("half a header", "malformed", Packet(ping[..12]));
        yield return ("version 5", "malformed", Packet(Changed(0, 0x55)));
        yield return ("header length 4 words", "malformed", Packet(Changed(0, 0x44)));
        yield return ("total length too long", "malformed", Packet(Changed(2, 0x70)));
        yield return ("total length too short", "malformed", Packet(Changed(3, 21)));
        yield return ("somebody else's source", "spoofed_source", Packet(CraftedPacket.Ping("10.244.5.11", Pod, 9)));
        yield return ("source of the node itself", "spoofed_source", Packet(CraftedPacket.Ping(Pod, Pod, 9)));
        yield return ("source of nobody", "spoofed_source", Packet(CraftedPacket.Ping("192.0.2.1", Pod, 9)));
        yield return ("destination elsewhere", "not_local", Packet(CraftedPacket.Ping(Own, "10.244.5.11", 9)));
        yield return ("destination of nobody", "not_local", Packet(CraftedPacket.Ping(Own, "192.0.2.1", 9)));
        yield return ("offload header alone", "malformed", Offloaded(new byte[10], []));
        yield return (
            "TCP segmentation of a ping", "bad_offload",
            Offloaded(CraftedPacket.Offload(1, 1, 40, 1000, 20, 16), ping));
        yield return ("segments of 0 bytes", "bad_offload", Offloaded(CraftedPacket.Offload(1, 1, 40, 0, 20, 16), tcp));
        yield return (
            "unknown segmentation", "bad_offload", Offloaded(CraftedPacket.Offload(1, 9, 40, 1000, 20, 16), tcp));
        yield return ("checksum outside", "bad_offload", Offloaded(CraftedPacket.Offload(1, 0, 0, 0, 20, 5000), tcp));
        yield return (
            "checksum start outside", "bad_offload", Offloaded(CraftedPacket.Offload(1, 0, 0, 0, 65000, 16), tcp));
        yield return (
            "headers longer than the packet", "bad_offload",
            Offloaded(CraftedPacket.Offload(1, 1, 9000, 1000, 20, 16), tcp));
        yield return (
            "IPv6 segmentation of IPv4", "bad_offload", Offloaded(CraftedPacket.Offload(1, 4, 40, 1000, 20, 16), tcp));
    }

    // A TCP header and 3000 bytes.
    private static byte[] Segment()
    {
        byte[] segment = new byte[3020];
        segment[12] = 0x50;
        return segment;
    }
}
