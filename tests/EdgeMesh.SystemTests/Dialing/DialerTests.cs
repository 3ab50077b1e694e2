using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.SystemTests.Io;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Mesh;
using Xunit;
using TcpConnection = EdgeMesh.Io.Sockets.TcpConnection;
using TcpListener = EdgeMesh.Io.Sockets.TcpListener;

namespace EdgeMesh.SystemTests.Dialing;

/// <summary>Dials to ourselves: 127.0.0.1 is the peer, 127.0.0.99 somebody who accepts and says nothing.</summary>
public sealed class DialerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    [Fact]
    public void A_resolver_that_hangs_delays_no_literal_address() => Run(async (dial, port) =>
    {
        var clock = Stopwatch.StartNew();
        Established established = await dial(
            ["/dns4/hangs.test/tcp/1", "/dns/hangs.test/tcp/2", $"/ip4/127.0.0.1/tcp/{port}"]);
        Assert.Equal($"/ip4/127.0.0.1/tcp/{port}", established.Connection.RemoteAddress.ToString());
        Assert.True(clock.Elapsed < Soon, $"took {clock.Elapsed}");
        established.Abandon();
    });

    [Fact]
    public void A_name_is_tried_beside_a_literal_address_where_nobody_answers() => Run(async (dial, port) =>
    {
        var clock = Stopwatch.StartNew();
        Established established = await dial([$"/ip4/127.0.0.99/tcp/{port}", $"/dns/peer.test/tcp/{port}"]);
        Assert.Equal($"/ip4/127.0.0.1/tcp/{port}", established.Connection.RemoteAddress.ToString());
        Assert.True(clock.Elapsed < Soon, $"took {clock.Elapsed}");
        established.Abandon();
    });

    [Fact]
    public void A_name_means_the_addresses_of_its_family_only() => Run(async (dial, port) =>
    {
        DialException failure = await Assert.ThrowsAsync<DialException>(
            async () => (await dial([$"/dns6/peer.test/tcp/{port}"])).Abandon());
        Assert.Contains("peer.test", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_name_without_address_is_named() => Run(async (dial, _) =>
    {
        DialException failure = await Assert.ThrowsAsync<DialException>(
            async () => (await dial(["/dns4/nowhere.test/tcp/1"])).Abandon());
        Assert.Contains("nowhere.test", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_refused_address_is_followed_at_once() => Run(async (dial, port) =>
    {
        // As many as one dial takes, with the one that answers: 15 refused ones 250 ms apart would take 3.75 s.
        const int Refused = DialTargets.AddressesMax - 1;
        IEnumerable<string> refused = Enumerable.Range(2, Refused).Select(i => $"/ip4/127.0.0.{i}/tcp/{port}");
        var clock = Stopwatch.StartNew();
        (await dial([.. refused, $"/ip4/127.0.0.1/tcp/{port}"])).Abandon();
        Assert.True(clock.Elapsed < Soon, $"took {clock.Elapsed}");
    });

    private static Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellation) => name switch
    {
        "hangs.test" => new TaskCompletionSource<IPAddress[]>().Task, // whatever is canceled
        "peer.test" => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        _ => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)),
    };

    private static void Run(Func<Func<string[], Task<Established>>, int, Task> test)
    {
        using EventLoop loop = Loops.Open(IoBackend.Epoll);
        using KeyPair near = IdentityOf(1);
        using KeyPair far = IdentityOf(2);
        var farHost = new Host(far, new HostOptions());
        using var handshakes = new Handshakes(loop, new Host(near, new HostOptions()), new LinkEvents(), pendingMax: 8);
        var transport = new TcpTransport(loop, ResolveAsync);
        var dialer = new Dialer(loop, [transport], handshakes, new DialSlots(DialSlots.AttemptsMaxDefault));
        using TcpListener listener = TcpListener.Bind(loop, new IPEndPoint(IPAddress.Loopback, 0));
        int port = listener.LocalEndPoint.Port;
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.99"), port));
        silent.Listen();
        loop.Post(_ => _ = AcceptAsync(listener, farHost), null);
        loop.Complete(() => test(
            addresses =>
            {
                Multiaddr[] parsed = [.. addresses.Select(Multiaddr.Parse)];
                return dialer.DialAsync(new PeerInfo(0, "peer", far.PeerId, parsed), parsed, hasFailed: false, default);
            },
            port));
    }

    private static KeyPair IdentityOf(byte seed) => KeyPair.FromSeed([.. Enumerable.Repeat(seed, 32)]);

    private static async Task AcceptAsync(TcpListener listener, Host host)
    {
        try
        {
            using var connection = (TcpConnection)await listener.AcceptAsync(CancellationToken.None);
            (await host.UpgradeAsync(connection, false, null, _ => true, default)).Dispose();
        }
        catch (IOException)
        {
            // Nobody came.
        }
    }
}
