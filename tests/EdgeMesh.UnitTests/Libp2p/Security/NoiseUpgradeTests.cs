using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Security;

public sealed class NoiseUpgradeTests
{
    private readonly KeyPair _dialer = KeyPair.Generate();
    private readonly KeyPair _listener = KeyPair.Generate();

    [Fact]
    public async Task Two_nodes_of_the_mesh_get_matching_keys()
    {
        (DuplexPipe a, DuplexPipe b) = DuplexPipe.Pair();
        ValueTask<SecuredConnection> dial = NoiseUpgrade.UpgradeAsync(
            a, isInitiator: true, _dialer, _listener.PeerId, _ => true, CancellationToken.None);
        ValueTask<SecuredConnection> accept = NoiseUpgrade.UpgradeAsync(
            b, isInitiator: false, _listener, expected: null, _ => true, CancellationToken.None);

        using SecuredConnection dialed = await dial;
        using SecuredConnection accepted = await accept;

        Assert.Equal(_listener.PeerId, dialed.RemotePeer);
        Assert.Equal(_dialer.PeerId, accepted.RemotePeer);
        Assert.Equal(NoiseUpgrade.Yamux, dialed.Muxer);
        byte[] message = new byte[5 + 16];
        dialed.Send.Seal("hello"u8, message);
        Assert.True(accepted.Receive.TryOpenInPlace(message, out int length));
        Assert.Equal("hello"u8, message.AsSpan(0, length));
    }
}
