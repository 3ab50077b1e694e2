using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Simulation;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>A connection (the responder) whose other side is the test itself.</summary>
internal sealed class RawConnection
{
    public RawConnection(
        SimulatedLoop loop,
        int pauseBytes = 1 << 20,
        Func<ConnectionOptions, ConnectionOptions>? change = null,
        ConnectionSetup? setup = null,
        PipeReader? input = null,
        PipeWriter? output = null)
    {
        // Only our side's output is slow, where a test asks for that.
        Wire = new LinearPipe(loop, 1 << 20);
        Back = new LinearPipe(loop, pauseBytes);
        ConnectionOptions options = ConnectionTests.Options(loop) with
        {
            // The other side is made by hand and answers no pings.
            Yamux = new YamuxSessionOptions { KeepAliveInterval = TimeSpan.Zero },
        };
        Connection = new Connection(
            new Side(input ?? Wire.Reader, output ?? Back.Writer),
            SecuredPair.Keys(isInitiator: false),
            change?.Invoke(options) ?? options,
            setup ?? new ConnectionSetup());
        _ = Connection.RunAsync(default);
    }

    /// <summary>A whole first flight for the echo protocol.</summary>
    public static byte[] EchoProposal { get; } = ProposalOf("/echo/1.0.0");

    public Connection Connection { get; }

    public SecuredConnection Keys { get; } = SecuredPair.Keys(isInitiator: true);

    public LinearPipe Wire { get; }

    public LinearPipe Back { get; }

    /// <summary>A whole first flight for a protocol.</summary>
    public static byte[] ProposalOf(string protocol) => [.. Message("/multistream/1.0.0"), .. Message(protocol)];

    /// <summary>Lets a consumer take the stream of one protocol.</summary>
    public static ConnectionSetup SetupOf(string protocol, InlineConsumer consumer) => new()
    {
        Consumers = new Dictionary<string, InlineConsumer>(StringComparer.Ordinal) { [protocol] = consumer },
    };

    public async Task SendAsync(byte[] plaintext)
    {
        RawPeer.Send(Wire.Writer, Keys, plaintext);
        await Wire.Writer.FlushAsync();
    }

    /// <summary>Sends a ping each second, so that only the connection's own output stands still.</summary>
    public void SendInBackground(SimulatedLoop loop)
    {
        _ = SendForeverAsync();

        async Task SendForeverAsync()
        {
            while (Connection.CloseReason == CloseReason.None)
            {
                await SendAsync(Convert.FromHexString("000200010000000000000007"));
                await loop.DelayAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>All frames that the connection has sent since the last call; payload is skipped.</summary>
    public async Task<List<YamuxHeader>> ReadFramesAsync()
    {
        var frames = new List<YamuxHeader>();
        if (Back.WaitingBytes == 0)
        {
            return frames;
        }

        ReadResult result = await Back.Reader.ReadAsync();
        var plaintext = new List<byte>();
        byte[] bytes = result.Buffer.ToArray();
        for (int i = 0; i < bytes.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(i));
            if (!Keys.Receive.TryOpenInPlace(bytes.AsSpan(i + 2, length), out int plaintextLength))
            {
                throw new InvalidOperationException("the connection sent a message that can't be opened");
            }

            plaintext.AddRange(bytes.AsSpan(i + 2, plaintextLength));
            i += 2 + length;
        }

        Back.Reader.AdvanceTo(result.Buffer.End);
        byte[] all = [.. plaintext];
        for (int i = 0; i < all.Length;)
        {
            YamuxHeader.Parse(all.AsSpan(i), out YamuxHeader header);
            frames.Add(header);
            i += YamuxHeader.SizeBytes + (header.Type == YamuxFrameType.Data ? (int)header.Length : 0);
        }

        return frames;
    }

    private static byte[] Message(string text) =>
        [(byte)(text.Length + 1), .. Encoding.UTF8.GetBytes(text), (byte)'\n'];

    private sealed class Side(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
