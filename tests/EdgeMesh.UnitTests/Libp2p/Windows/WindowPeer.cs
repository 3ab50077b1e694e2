using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Simulation;
using EdgeMesh.UnitTests.Libp2p.Connections;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Windows;

/// <summary>The dialing end of a connection, made by hand: it opens one stream, sends and takes bulk, and grants credit
/// by a policy of its own.</summary>
internal sealed class WindowPeer
{
    public const string Protocol = "/tunnel/1.0.0";
    private const uint StreamId = 1;
    private const long WindowBytesMax = 16 * 1024 * 1024;

    private readonly IDuplexPipe _pipe;
    private readonly WindowPolicy _policy;
    private readonly SecuredConnection _keys = SecuredPair.Keys(isInitiator: true);
    private readonly MessageReader _messages;
    private readonly ArrayBufferWriter<byte> _plaintext = new();
    private readonly int _answerBytes = Negotiation().Length;
    private long _window;
    private long _credit = YamuxLimits.InitialWindowBytes; // what the connection may still send
    private long _sendCredit = YamuxLimits.InitialWindowBytes;
    private long _received;
    private long _toSend;
    private long _sent;

    /// <summary>A peer that has said nothing yet.</summary>
    /// <param name="pipe">The transport.</param>
    /// <param name="policy">When it grants credit.</param>
    /// <param name="windowBytes">Up to how much: the initial window is what yamux says, whatever this is.</param>
    public WindowPeer(IDuplexPipe pipe, WindowPolicy policy, long windowBytes)
    {
        _pipe = pipe;
        _policy = policy;
        _window = windowBytes;
        _messages = new MessageReader(_keys.Receive);
    }

    public long ReceivedBytes => _received - _answerBytes;

    public long SentBytes => _sent;

    /// <summary>Window updates sent.</summary>
    public long Updates { get; private set; }

    public async Task RunAsync(long bytesToSend)
    {
        _toSend = bytesToSend;
        Send(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, StreamId, Negotiation()));
        _sendCredit -= _answerBytes;
        if (_window > _credit)
        {
            Grant(_window - _credit);
        }

        await _pipe.Output.FlushAsync();
        while (true)
        {
            ReadResult result = await _pipe.Input.ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;
            while (MessageReader.IsComplete(buffer))
            {
                Assert.True(_messages.TryOpen(ref buffer, out Span<byte> plaintext));
                _plaintext.Write(plaintext);
            }

            _pipe.Input.AdvanceTo(buffer.Start, buffer.End);
            HandleFrames();
            SendBulk();
            await _pipe.Output.FlushAsync();
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private static byte[] Negotiation() => [.. Message("/multistream/1.0.0"), .. Message(Protocol)];

    private static byte[] Message(string text) =>
        [(byte)(text.Length + 1), .. Encoding.UTF8.GetBytes(text), (byte)'\n'];

    private void HandleFrames()
    {
        byte[] bytes = _plaintext.WrittenSpan.ToArray();
        int at = 0;
        while (bytes.Length - at >= YamuxHeader.SizeBytes)
        {
            Assert.Equal(YamuxViolation.None, YamuxHeader.Parse(bytes.AsSpan(at), out YamuxHeader header));
            int payload = header.Type == YamuxFrameType.Data ? (int)header.Length : 0;
            if (bytes.Length - at < YamuxHeader.SizeBytes + payload)
            {
                break;
            }

            at += YamuxHeader.SizeBytes + payload;
            if (header.Type == YamuxFrameType.WindowUpdate && header.StreamId == StreamId)
            {
                _sendCredit += header.Length;
            }

            _received += payload;
            _credit -= payload;
            Assert.True(_credit >= 0, "the connection sent more than it was granted");
        }

        _plaintext.ResetWrittenCount();
        _plaintext.Write(bytes.AsSpan(at));
        TopUp();
    }

    private void TopUp()
    {
        long grant = _policy.Grant(_window, Math.Min(_credit, _window));
        if (grant <= 0)
        {
            return;
        }

        Grant(grant);
        _window = _policy.Grows ? Math.Min(2 * _window, WindowBytesMax) : _window;
    }

    private void Grant(long credit)
    {
        long step = _policy.Step == 0 ? credit : _policy.Step;
        for (long granted = 0; granted < credit; granted += step)
        {
            byte[] update = new byte[YamuxHeader.SizeBytes];
            new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.None, StreamId, (uint)step).Write(update);
            Send(update);
            Updates++;
        }

        _credit += credit;
    }

    private void SendBulk()
    {
        while (_sent < _toSend && _sendCredit > 0)
        {
            int length = (int)Math.Min(Math.Min(_toSend - _sent, _sendCredit), 50_000);
            Send(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.None, StreamId, new byte[length]));
            _sent += length;
            _sendCredit -= length;
        }
    }

    private void Send(byte[] frame) => RawPeer.Send(_pipe.Output, _keys, frame);
}
