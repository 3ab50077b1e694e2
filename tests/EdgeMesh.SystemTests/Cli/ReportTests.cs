using System;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.SystemTests.Cli;

public sealed class ReportTests
{
    private static readonly Status FullStatus = new()
    {
        Node = "cloud-1",
        PeerId = "12D3KooWTest",
        Version = "0.1.0+d3d76abbaf8b3dbf74f831d1023b661bc501077e",
        UptimeSeconds = 90061,
        Generation = 7,
        GenerationSource = "file",
        TunQueueDrops = 7,
        SnapshotAgeSeconds = 12.4,
        ControlConnected = true,
        SnapshotSource = "control",
        Tun = "edge_tun0",
        Mtu = 1500,
        Workers = 2,
        IoBackend = "io_uring",
        IoFeatures = { "single_issuer", "defer_taskrun" },
        Offloads = { "csum", "tso4" },
        Listen = { "/ip4/10.99.0.1/tcp/20006" },
        PeersKnown = 3,
        PeersConnected = 2,
        RoutesIpv4 = 4,
        RoutesIpv6 = 5,
        PacketsIn = 100,
        PacketsSent = 90,
        PacketsReceived = 80,
        PacketsDelivered = 79,
        PacketsDropped = 11,
        BytesSent = 1536,
        BytesReceived = 3,
        PoolBytes = 16 << 20,
        PoolBytesUsed = 1 << 20,
        QueueBytes = 2048,
        Conflicts = { "10.1.0.0/16: edge-a, edge-b" },
        ConnectionEvents =
            { new ConnectionCount { Reason = "accepted", Count = 2 }, new ConnectionCount { Reason = "stranger" } },
    };

    private static readonly Peers TwoPeers = new()
    {
        Peers_ =
        {
            new Peer
            {
                Name = "edge-a",
                PeerId = "12D3KooWA",
                State = "connected",
                Path = "direct",
                Endpoint = "10.99.0.2:20006",
                Lanes = 1,
                RttSeconds = 0.000345,
                PacketsSent = 10,
                BytesSent = 5L << 30,
                ConnectedSeconds = 252,
                Prefixes = { Prefix("10.244.5.0/24"), Prefix("fd00:5::/64") },
            },
            new Peer { Name = "edge-b", PeerId = "12D3KooWB", State = "backoff",
                LastEnding = "silent", LastError = "10.99.0.3:20006 refuses: is it up?" },
        },
    };

    [Fact]
    public async Task Status_table_shows_age_generation_back_end_offloads_pool_queue_conflicts_and_events()
    {
        string output = await ShowAsync("status", new Response { Status = FullStatus });
        Assert.Equal(
            """
            node         cloud-1
            peer id      12D3KooWTest
            version      0.1.0+d3d76abbaf8b, up 1d 1h
            snapshot     generation 7 (counted by file), confirmed by the control process 12s ago
            control      connected
            peers        2 of 3 connected
            routes       4 IPv4, 5 IPv6
            conflicts    1, refused until mended:
                         10.1.0.0/16: edge-a, edge-b
            tun          edge_tun0, MTU 1500, offloads csum tso4
            io           io_uring (single_issuer defer_taskrun), workers 2
            listen       /ip4/10.99.0.1/tcp/20006
            packets out  100 from pods, 90 to peers (1.50 KiB)
            packets in   80 from peers (3 B), 79 to pods
            dropped      11; edgemesh drops says why
            tun queue    7 dropped by the kernel before they could be read; edgemesh drops says why
            queue        2.00 KiB
            pool         1.00 MiB of 16.0 MiB in use
            connections  accepted 2

            """,
            output);
    }

    [Fact]
    public async Task Status_of_an_older_data_plane_that_knows_few_fields_is_shown()
    {
        string output = await ShowAsync("status", new Response { Status = new Status() });
        Assert.Contains("node         -\n", output, StringComparison.Ordinal);
        Assert.Contains("listen       nowhere\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", "none for 12s: no pod is reachable until edgemesh-control sends one")]
    [InlineData("disk", "generation 7 (counted by file), from disk, unconfirmed for 12s")]
    [InlineData("moon", "generation 7 (counted by file), moon, 12s old")]
    public async Task Status_tells_where_the_snapshot_is_from(string source, string text)
    {
        Status status = FullStatus.Clone();
        status.SnapshotSource = source;
        Assert.Contains(
            $"snapshot     {text}\n", await ShowAsync("status", new Response { Status = status }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_json_has_every_field_of_the_message()
    {
        Status status = FullStatus.Clone();
        status.ControlReport = new ControlReport { Source = "kubernetes/c", Generation = 7, Trust = "pinned" };
        status.ControlReportAgeSeconds = 3.5;
        JsonElement json = await AskAsync("status", new Response { Status = status });
        Assert.Equal(3.5, json.GetProperty("controlReportAgeSeconds").GetDouble());
        Assert.Equal("pinned", json.GetProperty("controlReport").GetProperty("trust").GetString());
        Assert.Equal(
            Status.Descriptor.Fields.InDeclarationOrder().Select(field => field.JsonName).Order(),
            json.EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal(12.4, json.GetProperty("snapshotAgeSeconds").GetDouble());
        Assert.Equal("tso4", json.GetProperty("offloads")[1].GetString());
        Assert.Equal("stranger", json.GetProperty("connectionEvents")[1].GetProperty("reason").GetString());
        Assert.Equal(2, json.GetProperty("connectionEvents")[0].GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Numbers_that_json_lacks_become_null()
    {
        var status = new Status { UptimeSeconds = double.NaN, SnapshotAgeSeconds = double.PositiveInfinity };
        JsonElement json = await AskAsync("status", new Response { Status = status });
        Assert.Equal(JsonValueKind.Null, json.GetProperty("uptimeSeconds").ValueKind);
        Assert.Contains(
            "version      -, up -\n", await ShowAsync("status", new Response { Status = status }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_table_is_aligned_and_ends_with_the_errors()
    {
        string output = await ShowAsync("peers", new Response { Peers = TwoPeers });
        Assert.Equal(
"""
NAME    STATE      FOR     PATH    ENDPOINT         LANES       RTT      SENT  RECEIVED  DROPPED  QUEUED  PREFIXES
edge-a  connected  4m 12s  direct  10.99.0.2:20006      1  0.345 ms  5.00 GiB       0 B        0     0 B  10.244.5.0/24
                                                                                                          fd00:5::/64
edge-b  backoff    -       -       -                    0         -       0 B       0 B        0     0 B

NAME    LAST ENDING  LAST ERROR
edge-b  silent       10.99.0.3:20006 refuses: is it up?

""",
            output);
    }

    [Fact]
    public async Task A_peer_that_is_warming_or_stalled_is_told_with_its_path_s_detail()
    {
        Peers peers = TwoPeers.Clone();
        peers.Peers_[0].State = "warming";
        peers.Peers_[1].State = "stalled";
        peers.Peers_[1].Path = "relay";
        peers.Peers_[1].PathDetail = "no_address";
        string output = await ShowAsync("peers", new Response { Peers = peers });
        Assert.Contains("edge-a  warming  -", output, StringComparison.Ordinal);
        Assert.Contains("edge-b  stalled  -    relay (no_address)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_json_has_every_field_of_the_message()
    {
        JsonElement peer = (await AskAsync("peers", new Response { Peers = TwoPeers })).GetProperty("peers")[0];
        Assert.Equal(
            Peer.Descriptor.Fields.InDeclarationOrder().Select(field => field.JsonName).Order(),
            peer.EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal("fd00:5::/64", peer.GetProperty("prefixes")[1].GetString());
        Assert.Equal(5L << 30, peer.GetProperty("bytesSent").GetInt64());
    }

    [Fact]
    public async Task Routes_show_local_and_refused_ones()
    {
        var routes = new Routes
        {
            Routes_ =
            {
                new Route { Prefix = Prefix("10.244.1.0/24"), Node = "cloud-1", Local = true },
                new Route { Prefix = Prefix("10.244.5.0/24"), Node = "edge-a" },
                new Route { Prefix = Prefix("10.9.0.0/16"), Node = "edge-b", Refused = true },
            },
        };
        var response = new Response { Routes = routes };
        Assert.Equal(
            """
            PREFIX         NODE     NOTE
            10.244.1.0/24  cloud-1  this node
            10.244.5.0/24  edge-a
            10.9.0.0/16    edge-b   refused: more than one node claims it

            """,
            await ShowAsync("routes", response));
        JsonElement json = (await AskAsync("routes", response)).GetProperty("routes");
        Assert.Equal("10.9.0.0/16", json[2].GetProperty("prefix").GetString());
        Assert.True(json[2].GetProperty("refused").GetBoolean());
        Assert.True(json[0].GetProperty("local").GetBoolean());
    }

    [Fact]
    public async Task Drops_come_with_the_most_first_and_their_explanations_wrapped()
    {
        var drops = new Drops
        {
            Drops_ =
            {
                new Drop { Reason = "malformed", Explanation = "short" },
                new Drop { Reason = "no_route", Packets = 12,
                    Explanation = string.Join(' ', Enumerable.Repeat("word", 20)) },
            },
        };
        Assert.Equal(
            """
            REASON     PACKETS  EXPLANATION
            no_route        12  word word word word word word word word word word word word word word word word
                                word word word word
            malformed        0  short

            """,
            await ShowAsync("drops", new Response { Drops = drops }));
        JsonElement json = (await AskAsync("drops", new Response { Drops = drops })).GetProperty("drops");
        Assert.Equal("malformed", json[0].GetProperty("reason").GetString());
        Assert.Equal(12, json[1].GetProperty("packets").GetInt32());
    }

    [Fact]
    public async Task A_data_plane_without_snapshot_shows_sentences_instead_of_empty_tables()
    {
        Assert.StartsWith(
            "no peers", await ShowAsync("peers", new Response { Peers = new Peers() }), StringComparison.Ordinal);
        Assert.StartsWith(
            "no routes", await ShowAsync("routes", new Response { Routes = new Routes() }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_others_cannot_drive_the_terminal()
    {
        var peers = new Peers { Peers_ = { new Peer { Name = "a\u001b[2Jb\u202e", LastError = "x\r\ny" } } };
        string output = await ShowAsync("peers", new Response { Peers = peers });
        Assert.Contains("a?[2Jb?", output, StringComparison.Ordinal);
        Assert.Contains("x??y", output, StringComparison.Ordinal);
        Assert.Equal(
            "a\u001b[2Jb\u202e", (await AskAsync("peers", new Response { Peers = peers })).GetProperty("peers")[0]
                .GetProperty("name").GetString());
    }

    private static IpPrefix Prefix(string text)
    {
        Assert.True(IpPrefixes.TryParse(text, out IpPrefix? prefix, out string? error), error);
        return prefix!;
    }

    private static async Task<string> ShowAsync(string verb, Response response)
    {
        await using var dataplane = new FakeDataplane(_ => response.Clone());
        (int exitCode, string output, string errors) = await dataplane.RunAsync(verb);
        Assert.Equal("", errors);
        Assert.Equal(0, exitCode);
        return output;
    }

    private static async Task<JsonElement> AskAsync(string verb, Response response)
    {
        await using var dataplane = new FakeDataplane(_ => response.Clone());
        (int exitCode, string output, string errors) = await dataplane.RunAsync(verb, "--output", "json");
        Assert.Equal("", errors);
        Assert.Equal(0, exitCode);
        return JsonDocument.Parse(output).RootElement;
    }
}
