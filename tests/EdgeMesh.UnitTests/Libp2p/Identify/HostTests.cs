using System;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identify;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.SimulationTests.Simulation;
using EdgeMesh.UnitTests.Libp2p.Connections;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Identify;

public sealed class HostTests
{
    private static readonly Multiaddr Address = Multiaddr.Parse("/ip4/192.0.2.1/tcp/20006");

    [Fact]
    public void Hosts_upgrade_identify_and_push() => SimulatedLoop.Run(async loop =>
    {
        using KeyPair leftKey = SecuredPair.IdentityOf(1);
        using KeyPair rightKey = SecuredPair.IdentityOf(2);
        Host left = MakeHost(loop, leftKey);
        Host right = MakeHost(loop, rightKey);
        (Connection leftConnection, Connection rightConnection) = await ConnectAsync(loop, left, right);
        Assert.Equal(right.PeerId, leftConnection.RemotePeer);
        Assert.Equal(left.PeerId, rightConnection.RemotePeer);
        int told = 0;
        right.Identified = (_, _) => told++;
        await loop.DelayAsync(TimeSpan.FromMilliseconds(100));
        IdentifyInfo info = right.RemoteInfoOf(rightConnection)!;
        Assert.Equal("unit/1", info.AgentVersion);
        Assert.Equal([Address], info.ListenAddresses!);
        Assert.Contains("/echo/1.0.0", info.Protocols!);
        Assert.Equal(leftKey.PublicKeyProtobuf.ToArray(), info.PublicKey!.Value.ToArray());
        Assert.Equal("/ip4/10.0.0.2/tcp/2", info.ObservedAddress!.ToString());
        Assert.Equal(1, told);

        Multiaddr changed = Multiaddr.Parse("/ip4/192.0.2.9/tcp/9");
        left.SetListenAddresses([changed]);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal([changed], right.RemoteInfoOf(rightConnection)!.ListenAddresses!);
        Assert.Equal(2, told);
        Assert.Equal(0, leftConnection.StreamCount);

        await leftConnection.CloseAsync();
        await rightConnection.RunAsync(default);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.Empty(left.Connections);
        Assert.Empty(right.Connections);
    });

    [Fact]
    public void A_peer_without_identify_keeps_its_connection() => SimulatedLoop.Run(async loop =>
    {
        using KeyPair key = SecuredPair.IdentityOf(1);
        Host host = MakeHost(loop, key);
        var link = new SimulatedLink(loop, new Random(1), new SimulatedLinkOptions());
        var other = new Connection(
            link.Right, SecuredPair.Keys(isInitiator: false), ConnectionTests.Options(loop), new ConnectionSetup());
        _ = other.RunAsync(default);
        Connection connection = host.Attach(link.Left, SecuredPair.Keys(isInitiator: true), new ConnectionSetup());
        await loop.DelayAsync(TimeSpan.FromSeconds(1));
        Assert.Null(host.RemoteInfoOf(connection));
        MuxedStream stream = await connection.OpenStreamAsync("/echo/1.0.0", default);
        await stream.DisposeAsync();
        Assert.Equal(CloseReason.None, connection.CloseReason);
        await connection.CloseAsync();
    });

    internal static Host MakeHost(SimulatedLoop loop, KeyPair key) => new(key, new HostOptions
    {
        AgentVersion = "unit/1",
        ListenAddresses = [Address],
        Connection = ConnectionTests.Options(loop),
    });

    private static ConnectionSetup SetupOf(string remote) => new() { RemoteAddress = Multiaddr.Parse(remote) };

    internal static async Task<(Connection Left, Connection Right)> ConnectAsync(
        SimulatedLoop loop, Host left, Host right)
    {
        var link = new SimulatedLink(loop, new Random(1), new SimulatedLinkOptions());
        Task<SecuredConnection> rightUpgrade =
            right.UpgradeAsync(link.Right, false, null, peer => peer == left.PeerId, default).AsTask();
        SecuredConnection leftSecured =
            await left.UpgradeAsync(link.Left, true, right.PeerId, _ => true, default);
        Connection leftConnection =
            left.Attach(link.Left, leftSecured, SetupOf("/ip4/10.0.0.2/tcp/2"));
        Connection rightConnection =
            right.Attach(link.Right, await rightUpgrade, SetupOf("/ip4/10.0.0.1/tcp/1"));
        return (leftConnection, rightConnection);
    }
}
