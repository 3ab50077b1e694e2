using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using Xunit;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>Our host, a js peer, and a connection between them that one of the two dialed.</summary>
internal sealed class JsScenario
{
    public const string Echo = "/echo/1.0.0";
    public const string Stall = "/stall/1.0.0";
    public const string Reset = "/reset/1.0.0";

    private JsScenario(JsPeer peer, Host host, Connection connection)
    {
        Peer = peer;
        Host = host;
        Connection = connection;
    }

    public JsPeer Peer { get; }

    public Host Host { get; }

    public Connection Connection { get; }

    /// <summary>Connects, runs the test on one thread, and takes everything down.</summary>
    public static void Run(bool weDial, Func<JsScenario, Task> test) => TestPump.Run(async () =>
    {
        using var identity = KeyPair.Generate();
        await using JsPeer peer = await JsPeer.StartAsync();
        Host host = MakeHost(identity);
        using TestTransport transport = weDial
            ? await TestTransport.ConnectAsync(peer.EndPoint)
            : await AcceptAsync(host, peer);
        SecuredConnection secured =
            await host.UpgradeAsync(transport, weDial, weDial ? peer.PeerId : null, _ => true, default);
        Assert.Equal(peer.PeerId, secured.RemotePeer);
        Connection connection = host.Attach(
            transport, secured, new ConnectionSetup { RemoteAddress = Multiaddr.FromTcp(peer.EndPoint) });

        // js takes few streams and knows no connection before its own side is set up.
        while ((await peer.DoAsync("counters")).GetProperty("connections").GetInt32() == 0)
        {
            await Task.Delay(10);
        }

        await test(new JsScenario(peer, host, connection));
        await connection.CloseAsync();
    });

    public static Host MakeHost(KeyPair identity) => new(identity, new HostOptions
    {
        AgentVersion = "conformance/1",
        ListenAddresses = [Multiaddr.Parse("/ip4/192.0.2.1/tcp/20006")],
        Connection = new ConnectionOptions
        {
            Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
            {
                [Echo] = EchoAsync,
                [Reset] = ResetAsync,
            },
        },
    });

    private static async Task<TestTransport> AcceptAsync(Host host, JsPeer peer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Multiaddr address = Multiaddr.FromTcp((IPEndPoint)listener.LocalEndpoint).WithPeer(host.PeerId);
        Task dial = peer.DoAsync("dial", new JsonObject { ["address"] = address.ToString() });
        var transport = new TestTransport(await listener.AcceptTcpClientAsync());
        _ = dial;
        return transport;
    }

    private static async Task EchoAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        await stream.Input.CopyToAsync(stream.Output, cancellationToken);
        await stream.DisposeAsync();
    }

    private static async Task ResetAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        await stream.Input.ReadAsync(cancellationToken);
        stream.Reset();
    }
}
