using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Noise;

namespace EdgeMesh.FuzzTargets;

/// <summary>A dialer that does the handshake right, but whose payload, or whatever follows, is the fuzzer's.</summary>
public static class NoiseUpgradeTarget
{
    private const int PayloadBytesMax = 4000;

    private static readonly KeyPair Listener = KeyPair.FromSeed(new byte[IdentityLimits.SeedBytes]);

    /// <summary>After an odd byte comes the raw stream, after an even one the payload of the third message.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var there = new Pipe(Options());
        var back = new Pipe(Options());
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Task<SecuredConnection> accept = NoiseUpgrade.UpgradeAsync(
            new End(there.Reader, back.Writer), isInitiator: false, Listener, expected: null, static _ => true,
            CancellationToken.None).AsTask();
        if ((bytes[0] & 1) != 0)
        {
            Send(there.Writer, bytes[1..]);
        }
        else if (bytes.Length <= PayloadBytesMax)
        {
            Handshake(there.Writer, back.Reader, bytes[1..]);
        }

        there.Writer.Complete();
        SynchronizationContext.SetSynchronizationContext(context);
        Invariant.Holds(accept.IsCompleted, "the upgrade ends when the connection does");
        Invariant.Holds(accept.Exception?.InnerException is UpgradeException, "the upgrade fails by its own name");
    }

    private static void Handshake(PipeWriter writer, PipeReader reader, ReadOnlySpan<byte> payload)
    {
        byte[] key = new byte[NoiseLimits.KeyBytes];
        key.AsSpan().Fill(7);
        using var handshake = new HandshakeState(isInitiator: true, key, key);
        Send(writer, "\u0013/multistream/1.0.0\n\u0007/noise\n"u8);
        SendMessage(writer, handshake, []);

        Invariant.Holds(reader.TryRead(out ReadResult result), "the listener answers");
        byte[] answer = result.Buffer.ToArray();
        reader.AdvanceTo(result.Buffer.End);
        byte[] message = answer[(20 + 8 + NoiseLimits.LengthBytes)..];
        HandshakeFailure failure = handshake.ReadMessage(message, new byte[message.Length], out _);
        Invariant.Holds(failure == HandshakeFailure.None, "the listener's message is good");
        SendMessage(writer, handshake, payload);
    }

    private static void SendMessage(PipeWriter writer, HandshakeState handshake, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[NoiseLimits.LengthBytes + handshake.OverheadBytes + payload.Length];
        int length = frame.Length - NoiseLimits.LengthBytes;
        frame[0] = (byte)(length >> 8);
        frame[1] = (byte)(length & 0xff);
        handshake.WriteMessage(payload, frame.AsSpan(NoiseLimits.LengthBytes), out _);
        Send(writer, frame);
    }

    private static void Send(PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes);
        _ = writer.FlushAsync().AsTask();
    }

    private static PipeOptions Options() => new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);

    private sealed class End(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
