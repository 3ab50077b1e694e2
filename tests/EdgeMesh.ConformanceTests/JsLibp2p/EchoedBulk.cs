using System;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>Sends so many bytes through an inline stream, as a tunnel does: frames as long as can be written. Expects
/// them back.</summary>
internal sealed class EchoedBulk(int length) : InlineConsumer
{
    private readonly byte[] _frame = new byte[YamuxHeader.SizeBytes + YamuxLimits.PayloadBytesMax];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InlineStream? _stream;
    private int _sent;
    private int _received;

    /// <summary>Completes when all bytes are back; fails if one is another, or the stream ends.</summary>
    public Task Done => _done.Task;

    public override void Opened(InlineStream stream)
    {
        _stream = stream;
        Send();
    }

    public override void Receive(Span<byte> data)
    {
        foreach (byte one in data)
        {
            if (one != ByteAt(_received++))
            {
                _done.TrySetException(new InvalidOperationException($"another byte came back at {_received - 1}"));
            }
        }

        if (_received == length)
        {
            _done.TrySetResult();
        }
    }

    public override void EndOfBatch()
    {
    }

    public override void Writable() => Send();

    public override void Closed(StreamEnd end) =>
        _done.TrySetException(new InvalidOperationException($"ended by {end} after {_received} bytes"));

    private static byte ByteAt(int offset) => unchecked((byte)((offset * 7) + (offset >> 8)));

    private void Send()
    {
        while (_sent < length && _stream!.WritableBytes is > 0 and int room)
        {
            Span<byte> frame = _frame.AsSpan(0, YamuxHeader.SizeBytes + Math.Min(room, length - _sent));
            for (int i = YamuxHeader.SizeBytes; i < frame.Length; i++)
            {
                frame[i] = ByteAt(_sent++);
            }

            if (!_stream.TryWrite(frame))
            {
                throw new InvalidOperationException("what can be written was refused");
            }
        }

        _stream!.Flush();
    }
}
