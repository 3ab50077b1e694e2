using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identify;
using EdgeMesh.Libp2p.Ping;
using Xunit;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>Against js-libp2p (versions in peer/package.json), each case with either side as the dialer.</summary>
public sealed class JsLibp2pTests
{
    private const int EchoBytes = 8 * 1024 * 1024;
    private const int ManyStreams = 100;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Identify_tells_each_side_who_the_other_is(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        IdentifyInfo info = await IdentifiedAsync(scenario);
        Assert.Contains("/ipfs/ping/1.0.0", info.Protocols!);
        Assert.Contains("/echo/1.0.0", info.Protocols!);
        Assert.StartsWith("js-libp2p/", info.AgentVersion, StringComparison.Ordinal);
        Assert.Equal(scenario.Peer.EndPoint, EndPointOf(info));
        Assert.NotNull(info.ObservedAddress);

        JsonElement seen = await scenario.Peer.DoAsync("identify");
        Assert.Equal("conformance/1", seen.GetProperty("agent").GetString());
        Assert.Contains("/echo/1.0.0", Strings(seen.GetProperty("protocols")));
        Assert.Contains("/ip4/192.0.2.1/tcp/20006", Strings(seen.GetProperty("listen")));
        Assert.StartsWith("/ip4/127.0.0.1/tcp/", seen.GetProperty("observed").GetString(), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Identify_push_tells_each_side_what_changed(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        await IdentifiedAsync(scenario);
        await scenario.Peer.DoAsync("identify");
        await scenario.Peer.DoAsync("push", new JsonObject { ["protocol"] = "/new/1.0.0" });
        await UntilAsync(() => scenario.Host.RemoteInfoOf(scenario.Connection)!.Protocols!.Contains("/new/1.0.0"));

        scenario.Host.SetListenAddresses([Multiaddr.Parse("/ip4/192.0.2.7/tcp/7")]);
        await UntilAsync(async () => Strings((await scenario.Peer.DoAsync("identified")).GetProperty("addresses"))
            .Contains("/ip4/192.0.2.7/tcp/7"));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pings_are_answered_both_ways(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        await using PingClient ping = await PingClient.OpenAsync(scenario.Connection, default);
        for (int i = 0; i < 3; i++)
        {
            Assert.InRange(await ping.PingAsync(default), TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));
        }

        JsonElement answer = await scenario.Peer.DoAsync("ping");
        Assert.InRange(answer.GetProperty("milliseconds").GetDouble(), 0, 5000);
        Assert.True(scenario.Connection.RoundTrip > TimeSpan.Zero);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Eight_megabytes_come_back_from_js(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        await EchoAsync(scenario.Connection, EchoBytes);
        await UntilAsync(async () =>
            (await scenario.Peer.DoAsync("counters")).GetProperty("streams").GetInt32() == 0
            && scenario.Connection.StreamCount == 0);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Eight_megabytes_come_back_to_js(bool weDial) => JsScenario.Run(weDial, async scenario =>
        Assert.Equal(1, await JsEchoesAsync(scenario, EchoBytes, streams: 1)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tunnel_stream_carries_bulk_both_ways(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        // js grants 256 KiB at first, as yamux says; its policy decides when more.
        var bulk = new EchoedBulk(EchoBytes);
        InlineStream stream = await scenario.Connection.OpenInlineAsync(JsScenario.Echo, bulk, default);
        await bulk.Done;
        stream.Close();
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hundred_streams_at_once(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        IEnumerable<Task> ours = Enumerable.Range(0, ManyStreams).Select(i => EchoAsync(scenario.Connection, 1000 * i));
        Task<int> theirs = JsEchoesAsync(scenario, 20_000, ManyStreams);
        await Task.WhenAll(ours);
        Assert.Equal(ManyStreams, await theirs);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reset_reaches_the_other_side(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        MuxedStream reset = await scenario.Connection.OpenStreamAsync(JsScenario.Reset, default);
        await reset.Output.WriteAsync(new byte[10]);
        await UntilAsync(() => reset.End == StreamEnd.RemoteReset);
        await Assert.ThrowsAsync<StreamException>(async () => await reset.Input.ReadAsync());
        Assert.True((await reset.Output.WriteAsync(new byte[10])).IsCompleted);

        MuxedStream ours = await scenario.Connection.OpenStreamAsync(JsScenario.Echo, default);
        await ours.Output.WriteAsync(new byte[10]);
        ours.Reset();
        await UntilAsync(async () =>
            (await scenario.Peer.DoAsync("counters")).GetProperty("resetsSeen").GetInt32() == 1);

        JsonElement seen =
            await scenario.Peer.DoAsync("awaitReset", new JsonObject { ["protocol"] = JsScenario.Reset });
        Assert.Equal("StreamResetError", seen.GetProperty("name").GetString());
        await scenario.Peer.DoAsync("reset", new JsonObject { ["protocol"] = JsScenario.Echo });
        await EchoAsync(scenario.Connection, 1000);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_unknown_protocol_is_refused_both_ways(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        StreamException refused = await Assert.ThrowsAsync<StreamException>(async () =>
            await scenario.Connection.OpenStreamAsync("/none/1.0.0", default));
        Assert.Equal(StreamEnd.ProtocolRefused, refused.End);
        JsonElement seen = await scenario.Peer.DoAsync("refused", new JsonObject { ["protocol"] = "/none/1.0.0" });
        Assert.Equal("UnsupportedProtocolError", seen.GetProperty("name").GetString());
        await EchoAsync(scenario.Connection, 1000);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_that_stalls_its_window_blocks_that_stream_only(bool weDial) =>
        JsScenario.Run(weDial, async scenario =>
        {
            MuxedStream stalled = await scenario.Connection.OpenStreamAsync(JsScenario.Stall, default);
            byte[] bytes = RandomNumberGenerator.GetBytes(2 * 1024 * 1024);
            Task write = WriteAsync(stalled, bytes);
            await UntilAsync(async () => Buffered(await scenario.Peer.DoAsync("stalled")) >= 256 * 1024);
            await EchoAsync(scenario.Connection, 1_000_000);
            Assert.False(write.IsCompleted);
            Assert.Equal(256 * 1024, Buffered(await scenario.Peer.DoAsync("stalled")));
            Assert.InRange(scenario.Connection.SentBytes, 0, 2_000_000);

            JsonElement received = await scenario.Peer.DoAsync("resume");
            await write;
            string digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
            Assert.Equal(digest, Assert.Single(Strings(received.GetProperty("digests"))));
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_that_is_killed_ends_the_connection_and_its_streams(bool weDial) =>
        JsScenario.Run(weDial, async scenario =>
        {
            MuxedStream stream = await scenario.Connection.OpenStreamAsync(JsScenario.Stall, default);
            ValueTask<ReadResult> read = stream.Input.ReadAsync();
            scenario.Peer.Kill();
            StreamException ended = await Assert.ThrowsAsync<StreamException>(async () => await read);
            Assert.Equal(StreamEnd.ConnectionEnded, ended.End);
            await scenario.Connection.RunAsync(default);
            Assert.True(
                scenario.Connection.CloseReason is CloseReason.RemoteClosed or CloseReason.TransportFailed,
                scenario.Connection.CloseReason.ToString());
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_that_says_goodbye_ends_the_connection_in_order(bool weDial) =>
        JsScenario.Run(weDial, async scenario =>
        {
            await EchoAsync(scenario.Connection, 1000);
            await scenario.Peer.DoAsync("hangUp");
            await scenario.Connection.RunAsync(default);
            Assert.Equal(CloseReason.RemoteClosed, scenario.Connection.CloseReason);
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Our_goodbye_ends_the_connection_of_js(bool weDial) => JsScenario.Run(weDial, async scenario =>
    {
        await EchoAsync(scenario.Connection, 1000);
        await scenario.Connection.CloseAsync();
        await UntilAsync(async () =>
            (await scenario.Peer.DoAsync("counters")).GetProperty("connections").GetInt32() == 0);
    });

    private static async Task<IdentifyInfo> IdentifiedAsync(JsScenario scenario)
    {
        await UntilAsync(() => scenario.Host.RemoteInfoOf(scenario.Connection) is not null);
        return scenario.Host.RemoteInfoOf(scenario.Connection)!;
    }

    private static async Task EchoAsync(Connection connection, int length)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(length);
        MuxedStream stream = await connection.OpenStreamAsync(JsScenario.Echo, default);
        Task write = WriteAsync(stream, sent);
        int received = 0;
        bool isEnd = false;
        while (!isEnd)
        {
            ReadResult result = await stream.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                Assert.True(segment.Span.SequenceEqual(sent.AsSpan(received, segment.Length)));
                received += segment.Length;
            }

            stream.Input.AdvanceTo(result.Buffer.End);
            isEnd = result.IsCompleted;
        }

        await write;
        Assert.Equal(length, received);
        await stream.DisposeAsync();
    }

    private static async Task WriteAsync(MuxedStream stream, byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i += 65536)
        {
            await stream.Output.WriteAsync(bytes.AsMemory(i, Math.Min(65536, bytes.Length - i)));
        }

        await stream.Output.CompleteAsync();
    }

    private static async Task<int> JsEchoesAsync(JsScenario scenario, int bytes, int streams)
    {
        JsonElement answer =
            await scenario.Peer.DoAsync("echo", new JsonObject { ["bytes"] = bytes, ["streams"] = streams });
        return answer.GetProperty("good").GetInt32();
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    // Another process has no event to wait for; the pump's own time limit ends a test that waits in vain.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20);
        }
    }

    private static long Buffered(JsonElement stalled) =>
        stalled.GetProperty("buffered").EnumerateArray().Sum(bytes => bytes.GetInt64());

    private static System.Net.IPEndPoint? EndPointOf(IdentifyInfo info)
    {
        info.ListenAddresses![0].TryGetTcpEndPoint(out System.Net.IPEndPoint? endPoint);
        return endPoint;
    }

    private static List<string> Strings(JsonElement array) =>
        [.. array.EnumerateArray().Select(element => element.GetString()!)];
}
