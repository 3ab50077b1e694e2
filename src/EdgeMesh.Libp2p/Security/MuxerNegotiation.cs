using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Multistreams;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Security;

/// <summary>Multistream-select inside the secured channel, for peers that list no muxers in the handshake.</summary>
internal static class MuxerNegotiation
{
    /// <summary>Negotiates <see cref="NoiseUpgrade.Yamux"/>.</summary>
    /// <returns>Decrypted bytes behind the negotiation: the muxer's first ones.</returns>
    /// <exception cref="UpgradeException">There is no agreement.</exception>
    public static async ValueTask<byte[]> RunAsync(
        IDuplexPipe pipe,
        CipherState send,
        CipherState receive,
        bool isInitiator,
        CancellationToken cancellationToken)
    {
        MultistreamNegotiator negotiator = isInitiator
            ? MultistreamNegotiator.Initiator([NoiseUpgrade.Yamux])
            : MultistreamNegotiator.Responder(static protocol => protocol == NoiseUpgrade.Yamux);
        byte[] early = [];
        await SendAsync(pipe.Output, send, negotiator, cancellationToken);
        for (int i = 0; negotiator.State == MultistreamState.Negotiating; i++)
        {
            if (i == SecurityLimits.MuxerMessagesMax)
            {
                throw new UpgradeException(
                    UpgradeFailure.Malformed, "the negotiation of the muxer takes too many messages");
            }

            byte[] message = await NoiseFrames.ReadAsync(
                pipe.Input, NoiseLimits.MessageBytesMax, cancellationToken);
            early = Open(receive, message, negotiator);
            await SendAsync(pipe.Output, send, negotiator, cancellationToken);
        }

        return negotiator.State switch
        {
            MultistreamState.Agreed => early,
            MultistreamState.NoCommonProtocol => throw new UpgradeException(
                UpgradeFailure.NoCommonMuxer, $"the peer doesn't have the muxer {NoiseUpgrade.Yamux}"),
            _ => throw new UpgradeException(
                UpgradeFailure.Malformed, "the peer doesn't speak multistream-select 1.0 inside the channel"),
        };
    }

    private static byte[] Open(CipherState receive, byte[] message, MultistreamNegotiator negotiator)
    {
        if (!receive.TryOpenInPlace(message, out int length))
        {
            throw new UpgradeException(UpgradeFailure.Tampered, "the tag of a message is wrong");
        }

        int taken = negotiator.HandleBytes(message.AsSpan(0, length));
        return message[taken..length];
    }

    private static async ValueTask SendAsync(
        PipeWriter output, CipherState send, MultistreamNegotiator negotiator, CancellationToken cancellationToken)
    {
        if (negotiator.OutputBytes > 0)
        {
            Write(output, send, negotiator);
            await NoiseFrames.FlushAsync(output, cancellationToken);
        }
    }

    private static void Write(PipeWriter output, CipherState send, MultistreamNegotiator negotiator)
    {
        Span<byte> message = NoiseFrames.Begin(output, negotiator.OutputBytes + NoiseLimits.TagBytes);
        negotiator.TryPollTransmit(message[..^NoiseLimits.TagBytes], out int length);
        send.Seal(message[..length], message);
        output.Advance(NoiseLimits.LengthBytes + message.Length);
    }
}
