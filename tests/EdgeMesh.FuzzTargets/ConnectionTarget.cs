using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.Noise;

namespace EdgeMesh.FuzzTargets;

/// <summary>A whole connection whose peer has the keys and no manners: it ends, or it goes on, within its
/// limits.</summary>
public static class ConnectionTarget
{
    private const int OutputBytesMax = 2 * (ConnectionLimits.UnflushedBytesMax + ConnectionLimits.ControlReserveBytes);
    private const string Echo = "/e";
    private const string Inline = "/i";

    private static readonly byte[] KeyThere = new byte[NoiseLimits.KeyBytes];
    private static readonly byte[] KeyBack = new byte[NoiseLimits.KeyBytes];
    private static readonly KeyPair Identity = KeyPair.FromSeed(new byte[32]);

    /// <summary>The first byte says how much plaintext each Noise message holds, and whether the last one is
    /// whole.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        byte choice = bytes[0];
        byte[] plaintext = bytes[1..].ToArray();
        FuzzLoop.Run(loop => Run(loop, plaintext, choice));
    }

    private static void Run(FuzzLoop loop, byte[] plaintext, byte choice)
    {
        var there = new Pipe(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0));
        var back = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        using var sealing = new CipherState(KeyThere);
        var secured = new SecuredConnection(
            Identity.PeerId, new CipherState(KeyBack), new CipherState(KeyThere), isInitiator: false, "/yamux/1.0.0");
        var host = new Host(Identity, new HostOptions { Connection = Options() });
        Connection connection = host.Attach(new End(there.Reader, back.Writer), secured, Setup());
        int messageBytes = 1 + (choice % 64);
        for (int i = 0; i < plaintext.Length; i += messageBytes)
        {
            Seal(sealing, plaintext.AsSpan(i, Math.Min(messageBytes, plaintext.Length - i)), there.Writer);
            Flush(there.Writer);
            loop.RunPosted();
        }

        there.Writer.Write(new byte[choice >> 6]);
        there.Writer.Complete();
        loop.RunPosted();
        Invariant.Holds(connection.CloseReason != CloseReason.None, "the end of the transport is the end");
        Invariant.Holds(connection.CloseReason != CloseReason.InternalError, "nothing of ours failed");
        Invariant.Holds(connection.HandlerFailures == 0, "no handler failed");
        Invariant.Holds(connection.StreamCount == 0, "all streams are over");
        Invariant.Holds(connection.SentBytes <= OutputBytesMax, "nobody reads, so the output is bounded");
    }

    private static ConnectionOptions Options() => new()
    {
        Time = new StandingTime(),
        Yamux = new YamuxSessionOptions { KeepAliveInterval = TimeSpan.Zero },
        Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
        {
            [Echo] = static async (stream, stop) =>
            {
                await stream.Input.CopyToAsync(stream.Output, stop);
                await stream.DisposeAsync();
            },
        },
    };

    private static ConnectionSetup Setup() => new()
    {
        Consumers = new Dictionary<string, InlineConsumer>(StringComparer.Ordinal) { [Inline] = new Consumer() },
    };

    private static void Seal(CipherState cipher, ReadOnlySpan<byte> plaintext, PipeWriter writer)
    {
        int length = plaintext.Length + NoiseLimits.TagBytes;
        Span<byte> message = writer.GetSpan(NoiseLimits.LengthBytes + length);
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)length);
        cipher.Seal(plaintext, message.Slice(NoiseLimits.LengthBytes, length));
        writer.Advance(NoiseLimits.LengthBytes + length);
    }

    private static void Flush(PipeWriter writer)
    {
#pragma warning disable VSTHRD002 // Without a threshold it is complete at once.
        ValueTask<FlushResult> flush = writer.FlushAsync();
        Invariant.Holds(flush.IsCompleted, "a pipe without a threshold takes everything");
        _ = flush.IsCompleted ? flush.Result : default;
#pragma warning restore VSTHRD002
    }

    private sealed class End(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }

    private sealed class Consumer : InlineConsumer
    {
        private bool _isOpen;

        public override void Opened(InlineStream stream)
        {
            Invariant.Holds(!_isOpen, "opened once");
            _isOpen = true;
        }

        public override void Receive(Span<byte> data) => Invariant.Holds(_isOpen, "received while open");

        public override void EndOfBatch()
        {
        }

        public override void Writable()
        {
        }

        public override void Closed(StreamEnd end)
        {
            Invariant.Holds(_isOpen, "closed once");
            _isOpen = false;
        }
    }
}
