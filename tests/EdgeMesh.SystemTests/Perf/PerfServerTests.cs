using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

public sealed class PerfServerTests
{
    public static TheoryData<byte[]> HostileBytes => new(
        [],
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(),
        [.. Enumerable.Repeat((byte)0xff, 5000)],
        [.. Control(), 0x7f, 0xff, 0xff, 0xff],
        [.. Control(), 0, 0, 0, 0],
        [.. Control(), .. Frame("not json")],
        [.. Control(), .. Frame("""{"word":"Finish"}""")],
        [.. Control(), .. Frame("""{"word":"Request","request":{"streams":1000000}}""")],
        [.. Control(), .. Frame("""{"word":"Request","request":{"test":"TcpBulk","durationMillis":100}}"""), 1, 2, 3,
            4],
        [.. Stream(12345)]);

    [Theory]
    [MemberData(nameof(HostileBytes))]
    public void Hostile_bytes_end_only_their_connection(byte[] bytes)
    {
        using var server = new Loopback();
        using (Socket socket = Connect(server))
        {
            socket.Send(bytes);
            socket.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[4096];
            try
            {
                while (socket.Receive(answer) > 0)
                {
                    // Until the server closes.
                }
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // Closed with bytes unread.
            }
        }

        AssertServes(server);
    }

    [Fact]
    public void A_client_that_says_nothing_does_not_keep_others_out()
    {
        using var server = new Loopback();
        var silent = new List<Socket>();
        for (int i = 0; i < 20; i++)
        {
            silent.Add(Connect(server));
        }

        AssertServes(server);
        silent.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void A_client_that_vanishes_while_it_measures_ends_its_session_only()
    {
        using var server = new Loopback(sessionsMax: 1);
        var session =
            new ClientSession(
                server.Target,
                    Loopback.Request(TestKind.TcpBulk) with { DurationMillis = 20_000, IntervalMillis = 1000 });
        IReadOnlyList<Socket> streams = session.OpenStreams(ConnectionRole.ClientToServer);
        session.Start();
        streams[0].Dispose();
        session.Dispose();
        Assert.True(
            SpinWait.SpinUntil(
                () => server.Lines.Any(line => line.Contains("ended", StringComparison.Ordinal)), 10_000));
        AssertServes(server);
    }

    [Fact]
    public void Sessions_beyond_the_limit_are_refused_with_a_remedy()
    {
        using var server = new Loopback(sessionsMax: 1);
        using (new ClientSession(server.Target, Loopback.Request(TestKind.TcpBulk)))
        {
            PerfException e = Assert.Throws<PerfException>(
                () => new ClientSession(server.Target, Loopback.Request(TestKind.TcpBulk)));
            Assert.Contains("try again", e.Message, StringComparison.Ordinal);
        }

        Assert.True(SpinWait.SpinUntil(() => !server.Lines.IsEmpty, 10_000));
    }

    [Fact]
    public void Measurements_beyond_the_limit_are_refused_with_a_remedy()
    {
        using var server = new Loopback(durationMax: TimeSpan.FromSeconds(1));
        PerfException e = Assert.Throws<PerfException>(() => new ClientSession(
            server.Target, Loopback.Request(TestKind.TcpBulk) with { DurationMillis = 2000 }));
        Assert.Contains("--duration-max", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_for_one_session_ends_after_it()
    {
        using var server = new Loopback(isOnce: true);
        AssertServes(server);
        await server.Running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_stream_with_a_wrong_token_gets_no_place()
    {
        using var server = new Loopback();
        using var session = new ClientSession(server.Target, Loopback.Request(TestKind.TcpBulk));
        using Socket stranger = Connect(server);
        stranger.Send([.. Stream(session.Token + 1)]);
        stranger.ReceiveTimeout = 5000;
        Assert.Equal(0, stranger.Receive(new byte[1]));
    }

    private static void AssertServes(Loopback server)
    {
        MeasurementRequest request =
            Loopback.Request(TestKind.TcpRoundTrip) with { DurationMillis = 50, OmitMillis = 0, IntervalMillis = 50 };

        // With one place, the session before may still be leaving it.
        RoundTripOutcome? outcome = null;
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    outcome = new RoundTripRun(server.Target, request).Run(CancellationToken.None);
                }
                catch (PerfException e) when (e.Message.Contains("try again", StringComparison.Ordinal))
                {
                    return false;
                }

                return true;
            },
            10_000));
        Assert.True(outcome!.Latency.Count > 0);
    }

    private static Socket Connect(Loopback server)
    {
        var socket =
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 15_000 };
        socket.Connect(server.Target.EndPoint);
        return socket;
    }

    private static byte[] Control() => Bytes(new Preamble(ConnectionRole.Control, 0, 0));

    private static byte[] Stream(ulong token) => Bytes(new Preamble(ConnectionRole.ClientToServer, 0, token));

    private static byte[] Bytes(Preamble preamble)
    {
        byte[] bytes = new byte[Preamble.SizeBytes];
        preamble.Write(bytes);
        return bytes;
    }

    private static byte[] Frame(string json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        return [0, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }
}
