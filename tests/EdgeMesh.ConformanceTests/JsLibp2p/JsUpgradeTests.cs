using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using Xunit;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>Connections with js-libp2p that must not come to be.</summary>
public sealed class JsUpgradeTests
{
    [Fact]
    public void Another_peer_than_the_one_we_dialed_is_refused() => TestPump.Run(async () =>
    {
        using var identity = KeyPair.Generate();
        using var other = KeyPair.Generate();
        await using JsPeer peer = await JsPeer.StartAsync();
        using TestTransport transport = await TestTransport.ConnectAsync(peer.EndPoint);
        UpgradeException refused = await Assert.ThrowsAsync<UpgradeException>(async () =>
            await JsScenario.MakeHost(identity).UpgradeAsync(transport, true, other.PeerId, _ => true, default));
        Assert.Equal(UpgradeFailure.WrongPeer, refused.Failure);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stranger_is_refused(bool weDial) => TestPump.Run(async () =>
    {
        using var identity = KeyPair.Generate();
        await using JsPeer peer = await JsPeer.StartAsync();
        Host host = JsScenario.MakeHost(identity);
        using TestTransport transport = await OpenAsync(weDial, peer, host.PeerId);
        UpgradeException refused = await Assert.ThrowsAsync<UpgradeException>(async () =>
            await host.UpgradeAsync(transport, weDial, null, _ => false, default));
        Assert.Equal(UpgradeFailure.Stranger, refused.Failure);
    });

    [Fact]
    public void Js_refuses_us_when_it_dialed_another_peer() => TestPump.Run(async () =>
    {
        using var identity = KeyPair.Generate();
        using var other = KeyPair.Generate();
        await using JsPeer peer = await JsPeer.StartAsync();
        Host host = JsScenario.MakeHost(identity);
        using TestTransport transport = await OpenAsync(weDial: false, peer, other.PeerId);
        UpgradeException refused = await Assert.ThrowsAsync<UpgradeException>(async () =>
            await host.UpgradeAsync(transport, isInitiator: false, null, _ => true, default));
        Assert.Equal(UpgradeFailure.Closed, refused.Failure);
    });

    private static async Task<TestTransport> OpenAsync(bool weDial, JsPeer peer, PeerId dialed)
    {
        if (weDial)
        {
            return await TestTransport.ConnectAsync(peer.EndPoint);
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Multiaddr address = Multiaddr.FromTcp((IPEndPoint)listener.LocalEndpoint).WithPeer(dialed);
        _ = peer.DoAsync("dial", new JsonObject { ["address"] = address.ToString() })
            .ContinueWith(static dial => dial.Exception, TaskScheduler.Default);
        return new TestTransport(await listener.AcceptTcpClientAsync());
    }
}
