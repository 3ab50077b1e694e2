using System;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>Counts, and allocates nothing.</summary>
internal sealed class CountingConsumer : InlineConsumer
{
    public long Bytes { get; private set; }

    public long Batches { get; private set; }

    public override void Opened(InlineStream stream)
    {
    }

    public override void Receive(Span<byte> data) => Bytes += data.Length;

    public override void EndOfBatch() => Batches++;

    public override void Writable()
    {
    }

    public override void Closed(StreamEnd end)
    {
    }
}
