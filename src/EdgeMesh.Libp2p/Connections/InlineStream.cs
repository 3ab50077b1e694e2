using System;
using System.Diagnostics;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A stream whose bytes are consumed and written in place: no pipe, no copy, no allocation per
/// frame.</summary>
/// <remarks>Belongs to the connection's thread, like everything of it. Its receive window is
/// <see cref="YamuxLimits.TunnelWindowBytes"/> from the start.</remarks>
public sealed class InlineStream : ConnectionStream
{
    private readonly InlineConsumer _consumer;
    private int _freeBytesThen; // when the consumer was refused, or wrote after that: it is told when there is more

    internal InlineStream(NegotiatingStream negotiation, string protocol, InlineConsumer consumer)
        : base(negotiation.Core, negotiation.Mux, protocol)
    {
        _consumer = consumer;
        InheritPrefix(negotiation);
    }

    /// <summary>Payload that the next frame may hold: what window and output take right now, at most
    /// <see cref="YamuxLimits.PayloadBytesMax"/>. 0 counts as a refusal.</summary>
    /// <remarks>
    /// After a refusal (0 here, false from <see cref="TryWrite"/>, or <see cref="WantToWrite"/>)
    /// <see cref="InlineConsumer.Writable"/> is sure to come, once, as soon as at least one byte more than now can be
    /// written; not before, so that whoever waits for a large frame is not called in vain. A peer may grant a few bytes
    /// at a time, or nothing before all is used: only a writer that fills whatever it is granted gets on with every
    /// peer.
    /// </remarks>
    public int WritableBytes
    {
        get
        {
            int bytes = FreeBytes;
            if (bytes == 0)
            {
                Refuse();
            }

            return bytes;
        }
    }

    /// <summary>The consumer has more to write than <see cref="WritableBytes"/>, which is less than a full frame:
    /// counts as a refusal.</summary>
    public void WantToWrite()
    {
        Core.AssertThread();
        Refuse();
    }

    internal override bool IsDone => End != StreamEnd.None;

    /// <summary>Whether a batch is being handed to the consumer.</summary>
    internal bool IsTouched { get; set; }

    /// <summary>Whether the consumer waits for <see cref="InlineConsumer.Writable"/>.</summary>
    internal bool IsRefused { get; set; }

    /// <summary>Whether more can be written than when the consumer was refused.</summary>
    internal bool IsWritableAgain => FreeBytes > _freeBytesThen;

    private int FreeBytes
    {
        get
        {
            // While the transport is busy, packets gather with the consumer, where flows are kept apart.
            if (HasPrefix || Mux.IsLocalFinished || Mux.IsClosed || Core.Output.IsFlushing)
            {
                return 0;
            }

            long bytes = Math.Min(Core.Output.RoomBytes - YamuxHeader.SizeBytes, Mux.SendCredit);
            return (int)Math.Clamp(bytes, 0, YamuxLimits.PayloadBytesMax);
        }
    }

    /// <summary>Seals one frame into the connection's output. It leaves with <see cref="Flush"/>.</summary>
    /// <param name="frame"><see cref="YamuxHeader.SizeBytes"/> of room, then the payload: at least one byte, at most
    /// <see cref="YamuxLimits.PayloadBytesMax"/>.</param>
    /// <returns>False if window and output don't take all of it, or the stream is over: nothing was written. Unless it
    /// is over, it counts as a refusal, see <see cref="WritableBytes"/>.</returns>
    public bool TryWrite(Span<byte> frame)
    {
        Core.AssertThread();
        int payloadBytes = frame.Length - YamuxHeader.SizeBytes;
        Debug.Assert(payloadBytes > 0);
        Debug.Assert(payloadBytes <= YamuxLimits.PayloadBytesMax);
        if (payloadBytes > FreeBytes)
        {
            Refuse();
            return false;
        }

        YamuxSession.WriteDataHeader(Mux, frame, payloadBytes);
        Core.Output.Write(frame);
        if (IsRefused)
        {
            _freeBytesThen = Math.Min(_freeBytesThen, FreeBytes);
        }

        return true;
    }

    /// <summary>Ends a batch of <see cref="TryWrite"/>: what was written starts to leave.</summary>
    public void Flush() => Core.RequestService();

    /// <summary>Finishes writing; what still comes in is thrown away.</summary>
    public void Close()
    {
        if (End != StreamEnd.None)
        {
            return;
        }

        FinishWriting();
        EndConsumer(StreamEnd.Closed);
        Core.RequestService();
    }

    /// <summary>Tells the consumer that it can begin.</summary>
    internal void Start() => _consumer.Opened(this);

    internal void EndBatch()
    {
        IsTouched = false;
        _consumer.EndOfBatch();
    }

    internal void CallWritable() => _consumer.Writable();

    internal override void HandleData(Span<byte> data)
    {
        if (End != StreamEnd.None)
        {
            return;
        }

        Core.Session.Consume(Mux, data.Length, Core.Now);
        Core.Touch(this);
        _consumer.Receive(data);
    }

    internal override void HandleFinished()
    {
        FinishWriting();
        EndConsumer(StreamEnd.RemoteFinished);
    }

    internal override void HandleEnd(StreamEnd end) => EndConsumer(end);

    internal override void HandleCredit()
    {
        if (HasPrefix)
        {
            Core.MarkReady(this);
        }
    }

    internal override int SendTurn(int roomBytes, out bool isReady)
    {
        isReady = false;
        int sent = SendPrefix(roomBytes);
        if (!HasPrefix && End != StreamEnd.None)
        {
            Core.Session.FinishWriting(Mux);
        }

        return sent;
    }

    private void FinishWriting()
    {
        // The answer to the negotiation leaves first; SendTurn finishes behind it.
        if (!HasPrefix)
        {
            Core.Session.FinishWriting(Mux);
        }
    }

    private void EndConsumer(StreamEnd end)
    {
        if (End != StreamEnd.None)
        {
            return;
        }

        if (IsTouched)
        {
            EndBatch();
        }

        End = end;
        _consumer.Closed(end);
    }

    private void Refuse()
    {
        _freeBytesThen = FreeBytes;
        if (!IsRefused && End == StreamEnd.None)
        {
            IsRefused = true;
            Core.AddRefused(this);
        }
    }
}
