using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Security;

/// <summary>Two real ends, and a link between them that may be slow, spoil bytes, or break.</summary>
public sealed class NoiseUpgradeTests
{
    private readonly KeyPair _dialer = KeyPair.Generate();
    private readonly KeyPair _listener = KeyPair.Generate();

    // Everything runs inline on the test's own thread.
    public NoiseUpgradeTests() => SynchronizationContext.SetSynchronizationContext(null);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(7)]
    [InlineData(1)]
    public async Task Two_nodes_of_the_mesh_get_matching_keys_however_bytes_arrive(int chunkBytes)
    {
        (FaultyLink _, Task<SecuredConnection> dial, Task<SecuredConnection> accept) =
            Upgrade(new LinkFault(chunkBytes), new LinkFault(chunkBytes));

        using SecuredConnection dialed = await dial;
        using SecuredConnection accepted = await accept;
        Assert.Equal(_listener.PeerId, dialed.RemotePeer);
        Assert.Equal(_dialer.PeerId, accepted.RemotePeer);
        Assert.True(dialed.IsInitiator);
        Assert.False(accepted.IsInitiator);
        Assert.Equal(NoiseUpgrade.Yamux, dialed.Muxer);
        Assert.Equal(NoiseUpgrade.Yamux, accepted.Muxer);
        Assert.True(dialed.EarlyPlaintext.IsEmpty);
        Assert.True(accepted.EarlyPlaintext.IsEmpty);
        AssertJoined(dialed, accepted);
        AssertJoined(accepted, dialed);
    }

    [Fact]
    public async Task Two_connections_of_the_same_nodes_share_no_keys()
    {
        (FaultyLink _, Task<SecuredConnection> dial, Task<SecuredConnection> _) =
            Upgrade(LinkFault.None, LinkFault.None);
        (FaultyLink _, Task<SecuredConnection> _, Task<SecuredConnection> otherAccept) =
            Upgrade(LinkFault.None, LinkFault.None);

        using SecuredConnection one = await dial;
        using SecuredConnection other = await otherAccept;
        byte[] message = new byte[16];
        one.Send.Seal([], message);
        Assert.False(other.Receive.TryOpenInPlace(message, out _));
    }

    [Fact]
    public void Connection_that_breaks_at_any_byte_is_closed_for_whom_it_matters()
    {
        (FaultyLink whole, _, _) = Upgrade(LinkFault.None, LinkFault.None);
        for (long cut = 0; cut < whole.BytesThere; cut++)
        {
            (_, Task<SecuredConnection> dial, Task<SecuredConnection> accept) =
                Upgrade(new LinkFault(CutAt: cut), LinkFault.None);
            Assert.Equal(UpgradeFailure.Closed, Failure(accept));
            Assert.True(dial.IsCompletedSuccessfully || Failure(dial) == UpgradeFailure.Closed);
        }

        for (long cut = 0; cut < whole.BytesBack; cut++)
        {
            (_, Task<SecuredConnection> dial, Task<SecuredConnection> accept) =
                Upgrade(LinkFault.None, new LinkFault(CutAt: cut));
            Assert.Equal(UpgradeFailure.Closed, Failure(dial));
            Assert.Equal(UpgradeFailure.Closed, Failure(accept));
        }
    }

    [Fact]
    public void Byte_that_is_tampered_with_anywhere_ends_the_upgrade_of_whom_it_reaches()
    {
        (FaultyLink whole, _, _) = Upgrade(LinkFault.None, LinkFault.None);
        for (long at = 0; at < whole.BytesThere; at++)
        {
            (_, _, Task<SecuredConnection> accept) = Upgrade(new LinkFault(FlipAt: at), LinkFault.None);
            Assert.True(IsRefusal(Failure(accept)), $"byte {at} to the listener: {Failure(accept)}");
        }

        for (long at = 0; at < whole.BytesBack; at++)
        {
            (_, Task<SecuredConnection> dial, Task<SecuredConnection> accept) =
                Upgrade(LinkFault.None, new LinkFault(FlipAt: at));
            Assert.True(IsRefusal(Failure(dial)), $"byte {at} to the dialer: {Failure(dial)}");
            Assert.True(IsRefusal(Failure(accept)), $"byte {at} to the dialer: {Failure(accept)}");
        }
    }

    [Fact]
    public void Dialer_that_expected_another_peer_says_so()
    {
        using KeyPair other = KeyPair.Generate();
        var link = new FaultyLink(LinkFault.None, LinkFault.None);
        Task<SecuredConnection> dial = Dial(link, other.PeerId, _ => true);
        Task<SecuredConnection> accept = Accept(link, _ => true);
        link.Run(dial, accept);

        UpgradeException error = Assert.IsType<UpgradeException>(dial.Exception!.InnerException);
        Assert.Equal(UpgradeFailure.WrongPeer, error.Failure);
        Assert.Equal(_listener.PeerId, error.ClaimedPeer);
        Assert.Contains(other.PeerId.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal(UpgradeFailure.Closed, Failure(accept));
    }

    [Fact]
    public void Listener_refuses_a_stranger_that_finished_the_handshake()
    {
        var link = new FaultyLink(LinkFault.None, LinkFault.None);
        Task<SecuredConnection> dial = Dial(link, _listener.PeerId, _ => true);
        Task<SecuredConnection> accept = Accept(link, peer => peer != _dialer.PeerId);
        link.Run(dial, accept);

        Assert.Equal(UpgradeFailure.Stranger, Failure(accept));
        UpgradeException error = Assert.IsType<UpgradeException>(accept.Exception!.InnerException);
        Assert.Equal(_dialer.PeerId, error.ClaimedPeer);
    }

    [Fact]
    public void Dialer_tells_a_stranger_nothing_of_itself()
    {
        (FaultyLink whole, _, _) = Upgrade(LinkFault.None, LinkFault.None);
        var link = new FaultyLink(LinkFault.None, LinkFault.None);
        Task<SecuredConnection> dial = Dial(link, expected: null, _ => false);
        Task<SecuredConnection> accept = Accept(link, _ => true);
        link.Run(dial, accept);

        Assert.Equal(UpgradeFailure.Stranger, Failure(dial));
        Assert.True(link.BytesThere < whole.BytesThere - 100, "the third message, with our identity, was sent");
    }

    [Fact]
    public async Task Deadline_of_the_caller_ends_a_slow_loris()
    {
        using var deadline = new CancellationTokenSource();
        (LinkEnd a, LinkEnd b) = LinkEnd.Pair();
        Task<SecuredConnection> accept = NoiseUpgrade.UpgradeAsync(
            b, isInitiator: false, _listener, expected: null, _ => true, deadline.Token).AsTask();
        using var loris = new ScriptedPeer(a, isInitiator: true);
        loris.Send([.. ScriptedPeer.Multistream("/multistream/1.0.0", "/noise"), 0x00, 0x20]);
        Assert.False(accept.IsCompleted);

        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accept);
    }

    private static void AssertJoined(SecuredConnection from, SecuredConnection to)
    {
        byte[] message = new byte[5 + 16];
        from.Send.Seal("hello"u8, message);
        Assert.True(to.Receive.TryOpenInPlace(message, out int length));
        Assert.Equal("hello"u8, message.AsSpan(0, length));
    }

    private static UpgradeFailure Failure(Task<SecuredConnection> upgrade) =>
        Assert.IsType<UpgradeException>(upgrade.Exception?.InnerException).Failure;

    private static bool IsRefusal(UpgradeFailure failure) =>
        failure is UpgradeFailure.Malformed or UpgradeFailure.Tampered or UpgradeFailure.NoCommonProtocol
            or UpgradeFailure.Closed;

    private Task<SecuredConnection> Dial(FaultyLink link, PeerId? expected, Func<PeerId, bool> isAllowed) =>
        NoiseUpgrade.UpgradeAsync(
            link.A, isInitiator: true, _dialer, expected, isAllowed, CancellationToken.None).AsTask();

    private Task<SecuredConnection> Accept(FaultyLink link, Func<PeerId, bool> isAllowed) =>
        NoiseUpgrade.UpgradeAsync(
            link.B, isInitiator: false, _listener, expected: null, isAllowed, CancellationToken.None).AsTask();

    private (FaultyLink Link, Task<SecuredConnection> Dial, Task<SecuredConnection> Accept) Upgrade(
        LinkFault there, LinkFault back)
    {
        var link = new FaultyLink(there, back);
        Task<SecuredConnection> dial = Dial(link, _listener.PeerId, _ => true);
        Task<SecuredConnection> accept = Accept(link, _ => true);
        link.Run(dial, accept);
        return (link, dial, accept);
    }
}
