using System;
using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A connection without its transport and its clock: bytes and time in, bytes and the next timeout out.
/// </summary>
/// <remarks>
/// <code>
///   HandleBytes -> ConnectionReceiver (opens in place) -> YamuxSession -> stream
///   stream -> ConnectionScheduler -> ConnectionOutput (seals into the transport's memory) -> owner's Flush
/// </code>
/// Times are nanoseconds of any monotonic clock. <see cref="ConnectionDriver"/> is its owner in the product.
/// </remarks>
internal sealed class ConnectionCore
{
    private readonly ConnectionOptions _options;
    private readonly ConnectionOwner _owner;
    private readonly ConnectionReceiver _receiver;
    private readonly ConnectionOutput _output;
    private readonly ConnectionScheduler _scheduler;
    private Exception? _outputFailure;
    private long _outputGivenUpAt = long.MaxValue;

    /// <summary>A connection that has said nothing yet.</summary>
    /// <param name="secured">Who the peer is, and the keys.</param>
    /// <param name="options">Limits and protocols.</param>
    /// <param name="setup">Consumers of the peer's inline streams.</param>
    /// <param name="output">The transport's memory; it is never flushed here.</param>
    /// <param name="owner">Who drives it.</param>
    /// <param name="now">The time.</param>
    public ConnectionCore(
        SecuredConnection secured,
        ConnectionOptions options,
        ConnectionSetup setup,
        PipeWriter output,
        ConnectionOwner owner,
        long now)
    {
        _options = options;
        _owner = owner;
        Now = now;
        _receiver = new ConnectionReceiver(this, secured);
        _output = new ConnectionOutput(output, secured.Send, owner);
        _scheduler = new ConnectionScheduler(this, _output);
        Session = new YamuxSession(secured.IsInitiator, options.Yamux, now);
        Streams = new ConnectionStreams(this, options, setup);
    }

    /// <summary>Why it ended; <see cref="CloseReason.None"/> while it lives.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>What was thrown, if the transport or a consumer ended it.</summary>
    public Exception? Failure { get; private set; }

    public bool IsOver => CloseReason != CloseReason.None;

    public YamuxSession Session { get; }

    public ConnectionStreams Streams { get; }

    public ConnectionOwner Owner => _owner;

    public ConnectionOutput Output => _output;

    public long ReceivedBytes => _receiver.ReceivedBytes;

    /// <summary>Bytes that ordinary streams hold for their applications.</summary>
    public long UnreadBytes { get; private set; }

    /// <summary>The time as it was told last.</summary>
    public long Now { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called. What begins later may make it earlier.</summary>
    public long NextTimeout
    {
        get
        {
            long next = Math.Min(Math.Min(Session.NextTimeout, Streams.NextTimeout), _outputGivenUpAt);
            return _output.IsFlushing ? Math.Min(next, WriteDeadline) : next;
        }
    }

    private long WriteDeadline => _output.FlushingSince + ConnectionTime.NanosecondsOf(_options.WriteTimeout);

    /// <summary>Takes what the upgrade had decrypted already.</summary>
    public void HandleEarlyPlaintext(long now)
    {
        Now = now;
        _receiver.HandleEarlyPlaintext(now);
        RequestService();
    }

    /// <summary>Takes all messages that are complete, where they lie; call <see cref="Service"/> after it.</summary>
    public void HandleBytes(ref ReadOnlySequence<byte> buffer, long now)
    {
        Now = now;
        _receiver.HandleBytes(ref buffer, now);
    }

    /// <summary>The transport gives nothing any more.</summary>
    /// <param name="isWithinMessage">Whether bytes of an incomplete message are left.</param>
    public void HandleEndOfInput(bool isWithinMessage)
    {
        bool isOrderly = !isWithinMessage || Session.RemoteGoAway is not null;
        End(isOrderly ? CloseReason.RemoteClosed : CloseReason.Truncated, failure: null);
    }

    /// <summary>The transport failed.</summary>
    public void HandleTransportFailed(Exception? failure)
    {
        // Who said that it goes away may close as it likes, and a reset is how many do it.
        bool isOrderly = failure is null || Session.RemoteGoAway is not null;
        End(isOrderly ? CloseReason.RemoteClosed : CloseReason.TransportFailed, isOrderly ? null : failure);
    }

    /// <summary>The transport takes nothing any more. What it still has to read says why: a go-away, perhaps.
    /// </summary>
    public void HandleOutputBroken(Exception? failure, long now)
    {
        _output.Break();
        _outputFailure = failure;
        _outputGivenUpAt = now + ConnectionTime.NanosecondsOf(ConnectionLimits.CloseTimeout);
    }

    /// <summary>A flush that had to wait is done; call <see cref="Service"/> after it.</summary>
    public void HandleFlushed() => _output.HandleFlushed();

    /// <summary>Does what is due, and serves.</summary>
    /// <param name="now">The time.</param>
    /// <param name="heardAt">When the transport last heard its far end.</param>
    public void HandleTimeout(long now, long heardAt)
    {
        if (IsOver)
        {
            return;
        }

        if (!Session.HandleTimeout(now, heardAt))
        {
            End(CloseReason.KeepAliveTimeout, failure: null);
        }
        else if (_output.IsFlushing && now >= WriteDeadline)
        {
            End(CloseReason.WriteTimeout, failure: null);
        }
        else if (now >= _outputGivenUpAt)
        {
            HandleTransportFailed(_outputFailure);
        }
        else
        {
            Now = now;
            Streams.HandleTimeouts(now);
            RequestService();
        }
    }

    /// <summary>Writes and flushes what can be.</summary>
    public void Service(long now)
    {
        if (!_receiver.IsBusy && !IsOver)
        {
            Now = now;
            _scheduler.Service(now);
        }
    }

    /// <summary>Tells the peer that the connection ends, and ends it. What is written leaves if the owner lets
    /// it.</summary>
    public void GoAway(CloseReason reason)
    {
        Session.GoAway(CloseReasons.CodeOf(reason));
        RequestService();
        End(reason, failure: null);
    }

    /// <summary>Writes what is left to say after the end: a go-away.</summary>
    public void WriteGoodbye()
    {
        _scheduler.WriteControl(Now);
        _output.Flush(Now);
    }

    /// <summary>Ends the connection, unless it ended before: the first reason stays.</summary>
    public void End(CloseReason reason, Exception? failure)
    {
        if (IsOver)
        {
            return;
        }

        CloseReason = reason;
        Failure = failure;
        try
        {
            Streams.EndAll();
        }
        finally
        {
            _owner.HandleEnd(); // also if a consumer threw at its end: whoever waits for ours must not wait for ever
        }
    }

    /// <summary>Something of ours threw where it must not.</summary>
    public void Fail(Exception failure) => End(CloseReason.InternalError, failure);

    /// <summary>Has what a stream wants served; while bytes are being read, that waits for the end of the
    /// batch.</summary>
    public void RequestService()
    {
        AssertThread();
        if (!_receiver.IsBusy && !IsOver)
        {
            _owner.HandleWork();
        }
    }

    /// <summary>Ends a stream at once, both ways.</summary>
    public void ResetStream(ConnectionStream stream, StreamEnd end)
    {
        _owner.CheckThread();
        Session.Reset(stream.Mux);
        if (stream.End == StreamEnd.None && stream.Mux.Owner == stream)
        {
            stream.HandleEnd(end);
        }

        RequestService();
    }

    /// <summary>The stream's consumer gets bytes of this batch.</summary>
    public void Touch(InlineStream stream) => _receiver.Touch(stream);

    public void MarkReady(ConnectionStream stream) => _scheduler.MarkReady(stream);

    public void AddRefused(InlineStream stream) => _scheduler.AddRefused(stream);

    public void SendFrame(YamuxStream stream, ReadOnlySpan<byte> payload) => _scheduler.SendFrame(stream, payload);

    public void SendFrame(YamuxStream stream, in ReadOnlySequence<byte> payload) =>
        _scheduler.SendFrame(stream, payload);

    /// <summary>Counts bytes that an ordinary stream holds for its application.</summary>
    /// <returns>False if the connection holds too much already.</returns>
    public bool TryHoldUnread(int bytes)
    {
        if (UnreadBytes + bytes > _options.UnreadBytesMax)
        {
            return false;
        }

        UnreadBytes += bytes;
        return true;
    }

    public void ReleaseUnread(long bytes) => UnreadBytes -= bytes;

    /// <summary>For what happens per packet: no check in Release.</summary>
    [Conditional("DEBUG")]
    public void AssertThread() => _owner.CheckThread();
}
