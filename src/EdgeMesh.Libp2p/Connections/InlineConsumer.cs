using System;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Takes a stream's bytes where they lie in the connection's receive buffer, on the connection's
/// thread.</summary>
/// <remarks>
/// Order of calls: <see cref="Opened"/>; then <see cref="Receive"/> any number of times and <see cref="EndOfBatch"/>,
/// repeated, with <see cref="Writable"/> in between; at last <see cref="Closed"/>, exactly once. What a method throws
/// ends the connection.
/// </remarks>
public abstract class InlineConsumer
{
    /// <summary>The protocol is agreed; the stream can be written.</summary>
    public abstract void Opened(InlineStream stream);

    /// <summary>The next bytes of the stream. Writable, and dead once <see cref="EndOfBatch"/> returns.</summary>
    public abstract void Receive(Span<byte> data);

    /// <summary>All that was received at once was handed out; the receive buffer is reused after this.</summary>
    public abstract void EndOfBatch();

    /// <summary>More can be written than when the stream refused, if only by a byte; see
    /// <see cref="InlineStream.WritableBytes"/>. May be called inside <see cref="InlineStream.Flush"/>; what it writes
    /// is flushed after it.</summary>
    public abstract void Writable();

    /// <summary>The stream is over; nothing is called after this.</summary>
    public abstract void Closed(StreamEnd end);
}
