using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A stream for ordinary asynchronous code: a pipe each way, bounded by the yamux window.</summary>
/// <remarks>
/// Completing <see cref="Output"/> closes our half; completing it with an exception resets the stream. After a reset,
/// reading throws a <see cref="StreamException"/> and flushing says that the reader is gone. Disposing finishes what
/// was written and throws away what still comes in. Every continuation runs on the connection's thread;
/// but the framework's helpers on streams (Stream.CopyToAsync and the like) leave it, and are told so by an exception.
/// </remarks>
public sealed class MuxedStream : ConnectionStream, IDuplexPipe, IAsyncDisposable
{
    private const int SegmentBytes = 4096;

    private readonly Pipe _inbound;
    private readonly Pipe _outbound;
    private readonly MuxedStreamReader _input;
    private readonly Action _handleReadable;
    private ValueTaskAwaiter<ReadResult> _reading;
    private ReadOnlySequence<byte> _unsent;
    private long _unreadBytes;
    private bool _isLent;          // _unsent is the pipe's, until AdvanceTo
    private bool _isLastRead;      // the application wrote its last byte, and it is in _unsent
    private bool _isOutboundOver;  // nothing more is read from the application
    private bool _isInboundOver;   // nothing more is handed to the application

    internal MuxedStream(NegotiatingStream negotiation, string protocol)
        : base(negotiation.Core, negotiation.Mux, protocol)
    {
        InheritPrefix(negotiation);

        // What came in is bounded by the window that we granted, so its pipe never makes the connection wait.
        PipeScheduler scheduler = negotiation.Connection.Thread.PipeScheduler;
        _inbound = new Pipe(new PipeOptions(
            readerScheduler: scheduler,
            writerScheduler: scheduler,
            pauseWriterThreshold: 0,
            resumeWriterThreshold: 0,
            minimumSegmentSize: SegmentBytes));
        _outbound = new Pipe(new PipeOptions(
            readerScheduler: scheduler,
            writerScheduler: scheduler,
            pauseWriterThreshold: ConnectionLimits.UnsentBytesMax,
            resumeWriterThreshold: ConnectionLimits.UnsentBytesMax / 2,
            minimumSegmentSize: SegmentBytes));
        _input = new MuxedStreamReader(this, _inbound.Reader);
        _handleReadable = HandleReadable;
        Arm();
    }

    /// <inheritdoc/>
    public PipeReader Input => _input;

    /// <inheritdoc/>
    public PipeWriter Output => _outbound.Writer;

    internal override bool IsDone => _isInboundOver && _isOutboundOver;

    /// <summary>Finishes writing and gives up reading; what was written still leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _outbound.Writer.CompleteAsync();
        await _input.CompleteAsync();
    }

    internal override void HandleData(Span<byte> data)
    {
        if (_isInboundOver)
        {
            return;
        }

        if (!Core.TryHoldUnread(data.Length))
        {
            Core.ResetStream(this, StreamEnd.UnreadOverflow);
            return;
        }

        _unreadBytes += data.Length;
        _inbound.Writer.Write(data);
        Forget(_inbound.Writer.FlushAsync());
    }

    internal override void HandleFinished() => EndInbound(null);

    internal override void HandleEnd(StreamEnd end)
    {
        End = end;
        EndInbound(new StreamException(end));
        EndOutbound();
        ReleaseUnread(); // nobody can read it any more, whether the application completes its input or not
    }

    internal override void HandleCredit() => Core.MarkReady(this);

    internal override int SendTurn(int roomBytes, out bool isReady)
    {
        int sent = SendPrefix(roomBytes);
        roomBytes -= sent;
        int length = (int)Math.Min(Math.Min(_unsent.Length, Mux.SendCredit), roomBytes);
        if (HasPrefix || _isOutboundOver || (length <= 0 && !_unsent.IsEmpty))
        {
            isReady = false;
            return sent;
        }

        if (length > 0)
        {
            Core.SendFrame(Mux, _unsent.Slice(0, length));
            _unsent = _unsent.Slice(length);
        }

        if (_unsent.IsEmpty)
        {
            HandleSent();
        }

        isReady = !_unsent.IsEmpty && Mux.SendCredit > 0;
        return sent + length;
    }

    /// <summary>The application is done with bytes of <see cref="Input"/>.</summary>
    internal void HandleConsumed(long bytes)
    {
        Connection.Thread.Check();
        long held = Math.Min(bytes, _unreadBytes); // none of it, if the stream ended while it was being looked at
        _unreadBytes -= held;
        Core.ReleaseUnread(held);
        Core.Session.Consume(Mux, bytes, Connection.Time.Now);
        Core.RequestService();
    }

    /// <summary>The application reads no more.</summary>
    internal void HandleInputCompleted()
    {
        Connection.Thread.Check();
        EndInbound(null);
        ReleaseUnread();
    }

    private static void Forget(ValueTask<FlushResult> flush)
    {
        // Without a threshold it is complete already; the result says only whether somebody reads.
#pragma warning disable VSTHRD002 // It is complete.
        _ = flush.IsCompleted ? flush.Result : default;
#pragma warning restore VSTHRD002
    }

    private void Arm()
    {
#pragma warning disable CA2012 // Consumed exactly once, in HandleReadable.
        _reading = _outbound.Reader.ReadAsync().GetAwaiter();
#pragma warning restore CA2012
        if (_reading.IsCompleted)
        {
            HandleReadable();
        }
        else
        {
            _reading.UnsafeOnCompleted(_handleReadable);
        }
    }

    private void HandleReadable()
    {
        if (_isOutboundOver)
        {
            return;
        }

        try
        {
#pragma warning disable VSTHRD002 // It is complete.
            ReadResult result = _reading.GetResult();
#pragma warning restore VSTHRD002
            _unsent = result.Buffer;
            _isLent = true;
            _isLastRead = result.IsCompleted;
        }
#pragma warning disable CA1031 // The exception is what the application completed its output with: it wants a reset.
        catch (Exception)
#pragma warning restore CA1031
        {
            Reset();
            return;
        }

        Core.MarkReady(this);
        Core.RequestService();
    }

    private void HandleSent()
    {
        if (_isLastRead)
        {
            EndOutbound();
            Core.Session.FinishWriting(Mux);
            return;
        }

        if (_isLent)
        {
            _isLent = false;
            _outbound.Reader.AdvanceTo(_unsent.End);
            _unsent = default;
            Arm();
        }
    }

    private void ReleaseUnread()
    {
        Core.ReleaseUnread(_unreadBytes);
        _unreadBytes = 0;
    }

    private void EndInbound(Exception? cause)
    {
        if (!_isInboundOver)
        {
            _isInboundOver = true;
            _inbound.Writer.Complete(cause);
        }
    }

    private void EndOutbound()
    {
        if (!_isOutboundOver)
        {
            _isOutboundOver = true;
            _unsent = default;
            _outbound.Reader.Complete();
        }
    }
}
