using System;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.UnitTests.Libp2p.Windows;

/// <summary>Sends so many bytes, in frames as long as can be written, and counts what comes.</summary>
internal sealed class BulkConsumer(long bytesToSend) : InlineConsumer
{
    private readonly byte[] _frame = new byte[YamuxHeader.SizeBytes + YamuxLimits.PayloadBytesMax];
    private InlineStream? _stream;

    public long SentBytes { get; private set; }

    public long ReceivedBytes { get; private set; }

    public long WritableCalls { get; private set; }

    public override void Opened(InlineStream stream)
    {
        _stream = stream;
        Send();
    }

    public override void Receive(Span<byte> data) => ReceivedBytes += data.Length;

    public override void EndOfBatch()
    {
    }

    public override void Writable()
    {
        WritableCalls++;
        Send();
    }

    public override void Closed(StreamEnd end)
    {
    }

    private void Send()
    {
        while (SentBytes < bytesToSend && _stream!.WritableBytes is > 0 and int room)
        {
            int length = (int)Math.Min(room, bytesToSend - SentBytes);
            if (!_stream.TryWrite(_frame.AsSpan(0, YamuxHeader.SizeBytes + length)))
            {
                throw new InvalidOperationException("what can be written was refused");
            }

            SentBytes += length;
        }

        _stream!.Flush();
    }
}
