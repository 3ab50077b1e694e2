using System;
using System.Buffers;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>Keeps what it is told.</summary>
internal sealed class RecordingConsumer : InlineConsumer
{
    private readonly ArrayBufferWriter<byte> _received = new();

    public InlineStream? Stream { get; private set; }

    public ReadOnlySpan<byte> Received => _received.WrittenSpan;

    public int Batches { get; private set; }

    public int WritableCalls { get; private set; }

    public StreamEnd End { get; private set; }

    /// <summary>Receives between two ends of a batch.</summary>
    public int Open { get; private set; }

    public Action? OnWritable { get; set; }

    public Action? OnReceive { get; set; }

    public override void Opened(InlineStream stream) => Stream = stream;

    public override void Receive(Span<byte> data)
    {
        Open++;
        _received.Write(data);
        data.Clear();
        OnReceive?.Invoke();
    }

    public override void EndOfBatch()
    {
        Batches++;
        Open = 0;
    }

    public override void Writable()
    {
        WritableCalls++;
        OnWritable?.Invoke();
    }

    public override void Closed(StreamEnd end)
    {
        if (End != StreamEnd.None)
        {
            throw new InvalidOperationException("closed twice");
        }

        End = end;
    }
}
