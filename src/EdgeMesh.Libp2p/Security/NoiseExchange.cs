using System;
using System.IO.Pipelines;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Security;

/// <summary>The handshake of one connection, with keys that live no longer than it.</summary>
internal sealed class NoiseExchange : IDisposable
{
    private static readonly string[] Muxers = [NoiseUpgrade.Yamux];

    private readonly IDuplexPipe _pipe;
    private readonly KeyPair _identity;
    private readonly PeerId? _expected;
    private readonly Func<PeerId, bool> _isAllowed;
    private readonly HandshakeState _handshake;

    /// <summary>Makes fresh keys.</summary>
    public NoiseExchange(
        IDuplexPipe pipe, bool isInitiator, KeyPair identity, PeerId? expected, Func<PeerId, bool> isAllowed)
    {
        _pipe = pipe;
        _identity = identity;
        _expected = expected;
        _isAllowed = isAllowed;
        Span<byte> keys = stackalloc byte[2 * NoiseLimits.KeyBytes];
        RandomNumberGenerator.Fill(keys);
        _handshake = new HandshakeState(isInitiator, keys[..NoiseLimits.KeyBytes], keys[NoiseLimits.KeyBytes..]);
        CryptographicOperations.ZeroMemory(keys);
    }

    /// <summary>Runs the three messages, and the muxer's negotiation if it is still open.</summary>
    public async ValueTask<SecuredConnection> RunAsync(CancellationToken cancellationToken)
    {
        HandshakePayload remote;
        if (_handshake.IsInitiator)
        {
            await WriteAsync([], cancellationToken);
            remote = Judge(await ReadAsync(cancellationToken));
            await WriteAsync(OwnPayload(), cancellationToken);
        }
        else
        {
            await ReadAsync(cancellationToken); // whatever rides on the first message is nobody's word: ignored
            await WriteAsync(OwnPayload(), cancellationToken);
            remote = Judge(await ReadAsync(cancellationToken));
        }

        _handshake.Split(out CipherState send, out CipherState receive);
        try
        {
            byte[] early = remote.Muxers.Count > 0
                ? []
                : await MuxerNegotiation.RunAsync(
                    _pipe, send, receive, _handshake.IsInitiator, cancellationToken);
            return new SecuredConnection(
                remote.Key.PeerId, send, receive, _handshake.IsInitiator, NoiseUpgrade.Yamux, early);
        }
        catch
        {
            send.Dispose();
            receive.Dispose();
            throw;
        }
    }

    /// <summary>Wipes the keys of the handshake.</summary>
    public void Dispose() => _handshake.Dispose();

    // Cheapest question first: only a peer of the mesh is worth the check of a signature.
    private HandshakePayload Judge(byte[] bytes)
    {
        HandshakePayload payload = HandshakePayload.Read(bytes);
        PeerId peer = payload.Key.PeerId;
        if (_expected is not null && peer != _expected)
        {
            throw new UpgradeException(
                UpgradeFailure.WrongPeer, $"dialed {_expected}, but {peer} answers there", peer);
        }

        if (!_isAllowed(peer))
        {
            throw new UpgradeException(UpgradeFailure.Stranger, $"{peer} is not in the mesh", peer);
        }

        if (!payload.Proves(_handshake.RemoteStaticKey))
        {
            throw new UpgradeException(
                UpgradeFailure.BadSignature, $"{peer} did not sign the key of this handshake", peer);
        }

        // A list without a common entry must fail (libp2p noise, "Early Multiplexer Negotiation").
        bool hasCommonMuxer = payload.Muxers.Take(SecurityLimits.MuxersMax).Contains(NoiseUpgrade.Yamux);
        if (payload.Muxers.Count > 0 && !hasCommonMuxer)
        {
            throw new UpgradeException(
                UpgradeFailure.NoCommonMuxer, $"{peer} doesn't have the muxer {NoiseUpgrade.Yamux}", peer);
        }

        return payload;
    }

    private byte[] OwnPayload() => HandshakePayload.Write(_identity, _handshake.StaticPublicKey, Muxers);

    private async ValueTask<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        byte[] message = await NoiseFrames.ReadAsync(
            _pipe.Input, SecurityLimits.HandshakeMessageBytesMax, cancellationToken);
        byte[] payload = new byte[message.Length];
        HandshakeFailure failure = _handshake.ReadMessage(message, payload, out int length);
        return failure switch
        {
            HandshakeFailure.None => payload[..length],
            HandshakeFailure.TagMismatch or HandshakeFailure.WeakKey => throw new UpgradeException(
                UpgradeFailure.Tampered, $"a message of the handshake was refused: {failure}"),
            _ => throw new UpgradeException(
                UpgradeFailure.Malformed, $"a message of the handshake was refused: {failure}"),
        };
    }

    private async ValueTask WriteAsync(byte[] payload, CancellationToken cancellationToken)
    {
        Write(payload);
        await NoiseFrames.FlushAsync(_pipe.Output, cancellationToken);
    }

    private void Write(byte[] payload)
    {
        Span<byte> message = NoiseFrames.Begin(_pipe.Output, _handshake.OverheadBytes + payload.Length);
        if (_handshake.WriteMessage(payload, message, out int length) != HandshakeFailure.None)
        {
            throw new UpgradeException(UpgradeFailure.Tampered, "the peer sent a key of low order");
        }

        _pipe.Output.Advance(NoiseLimits.LengthBytes + length);
    }
}
