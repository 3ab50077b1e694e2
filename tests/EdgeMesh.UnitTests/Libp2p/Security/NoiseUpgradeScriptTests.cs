using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using CsCheck;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Security;

/// <summary>One real end against a peer that says what the test wants.</summary>
public sealed class NoiseUpgradeScriptTests : IDisposable
{
    private const string Header = "/multistream/1.0.0";

    private readonly KeyPair _identity = KeyPair.Generate();
    private ScriptedPeer _peer = null!;
    private LinkEnd _end = null!;

    // Everything runs inline on the test's own thread.
    public NoiseUpgradeScriptTests() => SynchronizationContext.SetSynchronizationContext(null);

    public void Dispose()
    {
        _identity.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public async Task Bytes_behind_the_handshake_stay_in_the_pipe()
    {
        Task<SecuredConnection> accept = AcceptFirstTwo();
        byte[] third = _peer.Write(_peer.Payload(NoiseUpgrade.Yamux));
        _peer.Split();
        byte[] sealedFrame = _peer.Seal("for yamux"u8);
        _peer.Send([0, (byte)third.Length, .. third, 0, (byte)sealedFrame.Length, .. sealedFrame]);

        using SecuredConnection accepted = await accept;
        Assert.Equal(_peer.Identity.PeerId, accepted.RemotePeer);
        Assert.Equal("for yamux"u8, OpenNext(accepted));
    }

    [Fact]
    public async Task Dialer_of_go_that_tries_simultaneous_connect_is_accepted()
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        _peer.Send(ScriptedPeer.Multistream(Header, "/libp2p/simultaneous-connect", "/noise"));
        byte[] answer = ScriptedPeer.Multistream(Header, "na", "/noise");
        Assert.Equal(answer, _peer.Receive(answer.Length));
        _peer.SendMessage([]);
        _peer.ReceiveMessage();
        _peer.SendMessage(_peer.Payload(NoiseUpgrade.Yamux));

        using SecuredConnection accepted = await accept;
        Assert.Equal(_peer.Identity.PeerId, accepted.RemotePeer);
    }

    [Fact]
    public async Task Dialer_that_sends_all_it_can_in_one_flight_is_accepted()
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        byte[] first = _peer.Write("early data, which nobody has to believe"u8);
        _peer.Send([.. ScriptedPeer.Multistream(Header, "/noise"), 0, (byte)first.Length, .. first]);
        byte[] answer = ScriptedPeer.Multistream(Header, "/noise");
        Assert.Equal(answer, _peer.Receive(answer.Length));
        _peer.ReceiveMessage();
        _peer.SendMessage(_peer.Payload(NoiseUpgrade.Yamux));

        using SecuredConnection accepted = await accept;
        Assert.Equal(_peer.Identity.PeerId, accepted.RemotePeer);
    }

    [Fact]
    public async Task Dialer_without_early_muxers_negotiates_inside_and_surplus_is_handed_on()
    {
        Task<SecuredConnection> accept = AcceptFirstTwo();
        _peer.SendMessage(_peer.Payload());
        _peer.Split();
        byte[] proposals = ScriptedPeer.Multistream(Header, "/mplex/6.7.0", NoiseUpgrade.Yamux);
        _peer.SendSealed([]);
        _peer.SendSealed(proposals.AsSpan(0, 10));
        _peer.SendSealed([.. proposals.AsSpan(10), 0xaa, 0xbb]);
        _peer.SendSealed("next"u8);

        using SecuredConnection accepted = await accept;
        Assert.Equal(NoiseUpgrade.Yamux, accepted.Muxer);
        Assert.Equal([0xaa, 0xbb], accepted.EarlyPlaintext.ToArray());
        Assert.Equal("next"u8, OpenNext(accepted));
        byte[] said = [.. _peer.ReceiveSealed(), .. _peer.HasInput() ? _peer.ReceiveSealed() : []];
        Assert.Equal(ScriptedPeer.Multistream(Header, "na", NoiseUpgrade.Yamux), said);
    }

    [Fact]
    public async Task Listener_without_early_muxers_negotiates_inside_and_surplus_is_handed_on()
    {
        Task<SecuredConnection> dial = DialFirst();
        _peer.SendMessage(_peer.Payload());
        _peer.ReceiveMessage();
        _peer.Split();
        Assert.Equal(ScriptedPeer.Multistream(Header, NoiseUpgrade.Yamux), _peer.ReceiveSealed());
        _peer.SendSealed([.. ScriptedPeer.Multistream(Header, NoiseUpgrade.Yamux), 0xcc]);

        using SecuredConnection dialed = await dial;
        Assert.Equal([0xcc], dialed.EarlyPlaintext.ToArray());
    }

    [Fact]
    public void Muxer_that_we_do_not_have_is_refused_inside_the_channel()
    {
        Task<SecuredConnection> dial = DialFirst();
        _peer.SendMessage(_peer.Payload());
        _peer.ReceiveMessage();
        _peer.Split();
        _peer.SendSealed(ScriptedPeer.Multistream(Header, "na"));
        Assert.Equal(UpgradeFailure.NoCommonMuxer, Failure(dial));
    }

    [Fact]
    public void Tampering_inside_the_channel_is_noticed()
    {
        Task<SecuredConnection> dial = DialFirst();
        _peer.SendMessage(_peer.Payload());
        _peer.ReceiveMessage();
        _peer.Split();
        byte[] message = _peer.Seal(ScriptedPeer.Multistream(Header, NoiseUpgrade.Yamux));
        message[3] ^= 1;
        _peer.SendFrame(message);
        Assert.Equal(UpgradeFailure.Tampered, Failure(dial));
    }

    [Fact]
    public void Endless_empty_messages_inside_the_channel_are_refused()
    {
        Task<SecuredConnection> accept = AcceptFirstTwo();
        _peer.SendMessage(_peer.Payload());
        _peer.Split();
        for (int i = 0; i < SecurityLimits.MuxerMessagesMax; i++)
        {
            Assert.False(accept.IsCompleted);
            _peer.SendSealed([]);
        }

        Assert.Equal(UpgradeFailure.Malformed, Failure(accept));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void List_without_a_common_muxer_fails_the_handshake(bool isInitiator)
    {
        Task<SecuredConnection> upgrade = UpToPayload(isInitiator, peer => peer.Payload("/mplex/6.7.0", "/other"));
        Assert.Equal(UpgradeFailure.NoCommonMuxer, Failure(upgrade));
        Assert.False(isInitiator && _peer.HasInput(), "the dialer went on");
    }

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void Only_so_many_muxers_count(int others, bool isGood)
    {
        string[] muxers = [.. Enumerable.Repeat("/m", others), NoiseUpgrade.Yamux];
        Task<SecuredConnection> accept = UpToPayload(isInitiator: false, peer => peer.Payload(muxers));
        Assert.Equal(isGood, accept.IsCompletedSuccessfully);
        Assert.True(isGood || Failure(accept) == UpgradeFailure.NoCommonMuxer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Signature_over_another_key_is_refused(bool isInitiator)
    {
        Task<SecuredConnection> upgrade = UpToPayload(
            isInitiator, peer => peer.Payload(RandomNumberGenerator.GetBytes(32), [NoiseUpgrade.Yamux]));
        Assert.Equal(UpgradeFailure.BadSignature, Failure(upgrade));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Identity_of_somebody_else_is_refused(bool isInitiator)
    {
        using KeyPair victim = KeyPair.Generate();
        Task<SecuredConnection> upgrade = UpToPayload(isInitiator, peer =>
        {
            byte[] payload = peer.Payload(NoiseUpgrade.Yamux);
            victim.PublicKeyProtobuf.Span.CopyTo(payload.AsSpan(2));
            return payload;
        });
        Assert.Equal(UpgradeFailure.BadSignature, Failure(upgrade));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0a00")] // an empty key
    [InlineData("0a240801")] // ends within the key
    [InlineData("ffffffffff")]
    [InlineData("0a03080112")] // a key without data
    public void Payload_that_is_none_is_refused(string hex)
    {
        byte[] payload = Convert.FromHexString(hex);
        Assert.Equal(UpgradeFailure.Malformed, Failure(UpToPayload(isInitiator: true, _ => payload)));
        Assert.Equal(UpgradeFailure.Malformed, Failure(UpToPayload(isInitiator: false, _ => payload)));
    }

    [Fact]
    public void Identity_without_a_signature_is_refused()
    {
        Task<SecuredConnection> accept = UpToPayload(
            isInitiator: false, peer => [0x0a, 0x24, .. peer.Identity.PublicKeyProtobuf.Span]);
        Assert.Equal(UpgradeFailure.BadSignature, Failure(accept));
    }

    [Fact]
    public void Secp256k1_identity_is_refused_as_unsupported()
    {
        byte[] key = Convert.FromHexString(
            "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99");
        Task<SecuredConnection> accept = UpToPayload(isInitiator: false, _ => [0x0a, (byte)key.Length, .. key]);
        Assert.Equal(UpgradeFailure.UnsupportedKeyType, Failure(accept));
        Assert.Contains("Secp256k1", accept.Exception!.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_fields_of_the_payload_are_ignored()
    {
        // Field 3, "data" in older revisions, and one that nobody has defined yet.
        using SecuredConnection accepted = await UpToPayload(
            isInitiator: false,
            peer => [.. peer.Payload(NoiseUpgrade.Yamux), 0x1a, 2, 1, 2, 0xf8, 0x07, 1]);
        Assert.Equal(_peer.Identity.PeerId, accepted.RemotePeer);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public void First_message_that_is_too_short_is_refused(int length)
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        _peer.Send(ScriptedPeer.Multistream(Header, "/noise"));
        _peer.SendFrame(new byte[length]);
        Assert.Equal(UpgradeFailure.Malformed, Failure(accept));
    }

    [Fact]
    public void First_message_that_is_too_long_is_refused_by_its_length_alone()
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        _peer.Send(ScriptedPeer.Multistream(Header, "/noise"));
        _peer.Send(0x10, 0x01); // 4097
        Assert.Equal(UpgradeFailure.Malformed, Failure(accept));
    }

    [Fact]
    public void Later_messages_that_are_too_long_are_refused_by_their_length_alone()
    {
        Task<SecuredConnection> dial = DialFirst();
        _peer.Send(0xff, 0xff);
        Assert.Equal(UpgradeFailure.Malformed, Failure(dial));

        Task<SecuredConnection> accept = AcceptFirstTwo();
        _peer.Send(0xff, 0xff);
        Assert.Equal(UpgradeFailure.Malformed, Failure(accept));
    }

    [Fact]
    public void Ephemeral_key_of_low_order_is_refused()
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        _peer.Send(ScriptedPeer.Multistream(Header, "/noise"));
        _peer.SendFrame(new byte[32]);
        Assert.Equal(UpgradeFailure.Tampered, Failure(accept));
    }

    [Fact]
    public void Listener_for_tls_only_has_no_common_protocol()
    {
        Task<SecuredConnection> dial = Start(isInitiator: true);
        _peer.Send(ScriptedPeer.Multistream(Header, "na"));
        Assert.Equal(UpgradeFailure.NoCommonProtocol, Failure(dial));
    }

    [Fact]
    public void Dialer_for_tls_only_has_no_common_protocol()
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        _peer.Send(ScriptedPeer.Multistream(Header, "/tls/1.0.0"));
        _peer.Close();
        Assert.Equal(UpgradeFailure.NoCommonProtocol, Failure(accept));
    }

    [Fact]
    public void Endless_proposals_are_refused()
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        _peer.Send(ScriptedPeer.Multistream([Header, .. Enumerable.Repeat("/tls/1.0.0", 1000)]));
        Assert.Equal(UpgradeFailure.NoCommonProtocol, Failure(accept));
    }

    [Fact]
    public void Garbage_ends_in_a_named_failure_at_every_stage() =>
        Gen.Select(Gen.Int[0, 3], Gen.Byte.Array[1, 300]).Sample((stage, garbage) =>
        {
            Task<SecuredConnection> upgrade = stage switch
            {
                0 => Start(isInitiator: false),
                1 => Start(isInitiator: true),
                2 => AcceptFirstTwo(),
                _ => DialFirst(),
            };
            _peer.Send(garbage);
            _peer.Close();
            Assert.IsType<UpgradeException>(upgrade.Exception?.InnerException);
        }, threads: 1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connection_that_breaks_with_an_error_is_closed(bool isSocket)
    {
        var broken = new Pipe();
        broken.Writer.Complete(isSocket ? new SocketException((int)SocketError.ConnectionReset) : new IOException());
        var end = new LinkEnd(broken.Reader, new Pipe().Writer);
        Task<SecuredConnection> accept = NoiseUpgrade.UpgradeAsync(
            end, isInitiator: false, _identity, expected: null, _ => true, CancellationToken.None).AsTask();
        _peer = new ScriptedPeer(end, isInitiator: true);
        Assert.Equal(UpgradeFailure.Closed, Failure(accept));
    }

    private static UpgradeFailure Failure(Task<SecuredConnection> upgrade) =>
        Assert.IsType<UpgradeException>(upgrade.Exception?.InnerException).Failure;

    private Task<SecuredConnection> Start(bool isInitiator)
    {
        (_end, LinkEnd other) = LinkEnd.Pair();
        _peer = new ScriptedPeer(other, !isInitiator);
        return NoiseUpgrade.UpgradeAsync(
            _end, isInitiator, _identity, expected: null, _ => true, CancellationToken.None).AsTask();
    }

    // The real listener, up to its second message.
    private Task<SecuredConnection> AcceptFirstTwo()
    {
        Task<SecuredConnection> accept = Start(isInitiator: false);
        byte[] flight = ScriptedPeer.Multistream(Header, "/noise");
        _peer.Send(flight);
        Assert.Equal(flight, _peer.Receive(flight.Length));
        _peer.SendMessage([]);
        _peer.ReceiveMessage();
        return accept;
    }

    // The real dialer, up to its first message.
    private Task<SecuredConnection> DialFirst()
    {
        Task<SecuredConnection> dial = Start(isInitiator: true);
        byte[] flight = ScriptedPeer.Multistream(Header, "/noise");
        Assert.Equal(flight, _peer.Receive(flight.Length));
        _peer.Send(flight);
        _peer.ReceiveMessage();
        return dial;
    }

    // The real end in either role, having got this payload.
    private Task<SecuredConnection> UpToPayload(bool isInitiator, Func<ScriptedPeer, byte[]> payload)
    {
        Task<SecuredConnection> upgrade = isInitiator ? DialFirst() : AcceptFirstTwo();
        _peer.SendMessage(payload(_peer));
        return upgrade;
    }

    // The next Noise message of the pipe, opened by the connection's own keys.
    private byte[] OpenNext(SecuredConnection connection)
    {
        Assert.True(_end.Input.TryRead(out ReadResult result));
        byte[] frame = result.Buffer.ToArray();
        _end.Input.AdvanceTo(result.Buffer.End);
        byte[] message = frame[2..];
        Assert.Equal(message.Length, frame[1]);
        Assert.True(connection.Receive.TryOpenInPlace(message, out int length));
        return message[..length];
    }
}
