using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A secured and multiplexed connection: a pipe, two cipher states, one yamux session.</summary>
/// <remarks>
/// Belongs to one thread, that of the <see cref="SynchronizationContext"/> it is made under: every call comes from
/// there, every continuation runs there, nothing is locked. Bytes go this way:
/// <code>
///   pipe -> MessageReader (opens in place) -> YamuxSession -> stream
///   stream -> ConnectionScheduler -> ConnectionOutput (seals into the pipe's memory) -> pipe
/// </code>
/// The owner of the transport disposes it after <see cref="RunAsync"/> ended.
/// </remarks>
#pragma warning disable CA1001 // The one disposable field is disposed when RunAsync ends.
public sealed class Connection
#pragma warning restore CA1001
{
    private readonly IDuplexPipe _pipe;
    private readonly SecuredConnection _secured;
    private readonly ConnectionOptions _options;
    private readonly ConnectionReceiver _receiver;
    private readonly ConnectionOutput _output;
    private readonly ConnectionScheduler _scheduler;
    private readonly ConnectionTimer _timer;
    private readonly CancellationTokenSource _lifetime = new();
    private Task? _run;
    private Exception? _outputFailure;
    private long _outputBrokenAt = long.MaxValue;
    private long _now;

    /// <summary>Takes over a pipe that was upgraded, and the keys.</summary>
    /// <param name="pipe">The transport.</param>
    /// <param name="secured">Its keys; the connection owns them now.</param>
    /// <param name="options">What it has in common with others.</param>
    /// <param name="setup">What is its own.</param>
    /// <exception cref="InvalidOperationException">The thread has no <see cref="SynchronizationContext"/>.</exception>
    public Connection(IDuplexPipe pipe, SecuredConnection secured, ConnectionOptions options, ConnectionSetup setup)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(secured);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(setup);
        Thread = new ConnectionThread();
        _pipe = pipe;
        _secured = secured;
        _options = options;
        Setup = setup;
        Time = options.Time;
        _now = Time.Now;
        _receiver = new ConnectionReceiver(this, secured);
        _output = new ConnectionOutput(
            pipe.Output, secured.Send, Time, RequestService, HandleOutputBroken);
        _scheduler = new ConnectionScheduler(this, _output);
        Session = new YamuxSession(secured.IsInitiator, options.Yamux, _now);
        Streams = new ConnectionStreams(this, options);
        _timer = Time.CreateTimer(static connection => ((Connection)connection!).HandleTimer(), this);
        Ended = _lifetime.Token;
    }

    /// <summary>The peer, proven by the handshake.</summary>
    public PeerId RemotePeer => _secured.RemotePeer;

    /// <summary>Whether we dialed.</summary>
    public bool IsInitiator => _secured.IsInitiator;

    /// <summary>Why it ended; <see cref="CloseReason.None"/> while it lives.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>What was thrown, if the transport or a consumer of ours ended the connection.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Smoothed round trip; zero before the first measurement.</summary>
    public TimeSpan RoundTrip => new(Session.RoundTripNanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>Bytes received, Noise included.</summary>
    public long ReceivedBytes => _receiver.ReceivedBytes;

    /// <summary>Bytes sent, Noise included.</summary>
    public long SentBytes => _output.SentBytes;

    /// <summary>Open streams of both sides.</summary>
    public int StreamCount => Session.Streams.Count;

    /// <summary>Handlers that failed with an exception nobody expected; their streams were reset.</summary>
    public long HandlerFailures => Streams.HandlerFailures;

    /// <summary>Where the peer is, if the owner said so.</summary>
    public Multiaddr? RemoteAddress => Setup.RemoteAddress;

    /// <summary>Our end, if the owner said so.</summary>
    public Multiaddr? LocalAddress => Setup.LocalAddress;

    /// <summary>Protocols whose streams are consumed in place, of those that the peer opens.</summary>
    public IEnumerable<string> InlineProtocols => Setup.Consumers.Keys;

    /// <summary>Canceled when the connection ends.</summary>
    public CancellationToken Ended { get; }

    internal YamuxSession Session { get; }

    internal ConnectionStreams Streams { get; }

    internal ConnectionThread Thread { get; }

    internal ConnectionSetup Setup { get; }

    internal ConnectionTime Time { get; }

    /// <summary>Bytes that ordinary streams hold for their applications.</summary>
    internal long UnreadBytes { get; private set; }

    internal int RoomBytes => _output.RoomBytes;

    internal int BurstRoomBytes => _output.BurstRoomBytes;

    internal bool IsFlushing => _output.IsFlushing;

    private long OutputGivenUpAt => _outputBrokenAt == long.MaxValue
        ? long.MaxValue
        : _outputBrokenAt + ConnectionTime.NanosecondsOf(ConnectionLimits.CloseTimeout);

    private long WriteDeadline =>
        _output.FlushingSince + ConnectionTime.NanosecondsOf(_options.WriteTimeout);

    internal bool IsOver => CloseReason != CloseReason.None;

    /// <summary>Reads until the connection ends. A second call returns the same task.</summary>
    /// <param name="cancellationToken">Aborts the connection; may be canceled from any thread.</param>
    /// <returns>A task that never fails: see <see cref="CloseReason"/>.</returns>
    public Task RunAsync(CancellationToken cancellationToken) => _run ??= RunOnceAsync(cancellationToken);

    /// <summary>Opens a stream and agrees on its protocol. Waits while the peer has too many to acknowledge.</summary>
    /// <exception cref="StreamException">The peer refused, or the connection ended.</exception>
    public async ValueTask<MuxedStream> OpenStreamAsync(string protocol, CancellationToken cancellationToken) =>
        (MuxedStream)await Streams.OpenAsync(protocol, consumer: null, cancellationToken);

    /// <summary>Opens a stream whose bytes the consumer takes in place.</summary>
    /// <exception cref="StreamException">The peer refused, or the connection ended.</exception>
    public async ValueTask<InlineStream> OpenInlineAsync(
        string protocol, InlineConsumer consumer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        return (InlineStream)await Streams.OpenAsync(protocol, consumer, cancellationToken);
    }

    /// <summary>Ends the connection at once. Nothing happens if it ended before.</summary>
    public void Abort(CloseReason reason)
    {
        Thread.Check();
        End(reason == CloseReason.None ? CloseReason.Aborted : reason, failure: null);
    }

    /// <summary>Says goodbye, gives what was written a moment to leave, and ends the connection.</summary>
    public ValueTask CloseAsync() => EndAsync(CloseReason.Closed);

    /// <summary>Tells the peer that the connection ends, gives what was written a moment to leave, and ends it.
    /// </summary>
    /// <param name="reason">The peer hears go-away 1 for <see cref="CloseReason.ProtocolViolation"/>, 2 for
    /// <see cref="CloseReason.InternalError"/>, else 0.</param>
    /// <remarks>Streams end at once: called from a method of a consumer, <see cref="InlineConsumer.Closed"/> comes
    /// before this returns.</remarks>
    /// <returns>Completes when the transport may be disposed; it never fails.</returns>
    public async ValueTask EndAsync(CloseReason reason)
    {
        Thread.Check();
        if (!IsOver)
        {
            Session.GoAway(CloseReasons.CodeOf(reason));
            RequestService();
            End(reason == CloseReason.None ? CloseReason.Closed : reason, failure: null);
        }

        await RunAsync(CancellationToken.None);
    }

    /// <summary>Writes and flushes what can be; while bytes are being read, that waits for the end of the
    /// batch.</summary>
    internal void RequestService()
    {
        Thread.Assert();
        if (_receiver.IsBusy || IsOver)
        {
            return;
        }

        _now = Time.Now;
        _scheduler.Service(_now);
        Streams.ReleaseWaiting();
    }

    /// <summary>The stream's consumer gets bytes of this batch.</summary>
    internal void Touch(InlineStream stream) => _receiver.Touch(stream);

    internal void MarkReady(ConnectionStream stream) => _scheduler.MarkReady(stream);

    internal void AddRefused(InlineStream stream) => _scheduler.AddRefused(stream);

    internal void SendSealed(ReadOnlySpan<byte> frame) => _output.Write(frame);

    internal void SendFrame(YamuxStream stream, ReadOnlySpan<byte> payload) => _scheduler.SendFrame(stream, payload);

    internal void SendFrame(YamuxStream stream, in ReadOnlySequence<byte> payload) =>
        _scheduler.SendFrame(stream, payload);

    internal void ConsumeBytes(YamuxStream stream, long bytes)
    {
        if (!_receiver.IsBusy)
        {
            _now = Time.Now;
        }

        Session.Consume(stream, bytes, _now);
    }

    /// <summary>Something of ours threw where it must not.</summary>
    internal void Fail(Exception failure) => End(CloseReason.InternalError, failure);

    /// <summary>Counts bytes that an ordinary stream holds for its application.</summary>
    /// <returns>False if the connection holds too much already.</returns>
    internal bool TryHoldUnread(int bytes)
    {
        if (UnreadBytes + bytes > _options.UnreadBytesMax)
        {
            return false;
        }

        UnreadBytes += bytes;
        return true;
    }

    internal void ReleaseUnread(long bytes) => UnreadBytes -= bytes;

    /// <summary>Ends the connection, unless it ended before: the first reason stays.</summary>
    internal void End(CloseReason reason, Exception? failure)
    {
        if (IsOver)
        {
            return;
        }

        CloseReason = reason;
        Failure = failure;
        Streams.EndAll();
        _lifetime.Cancel();
        _pipe.Input.CancelPendingRead();
    }

    internal void ResetStream(ConnectionStream stream, StreamEnd end)
    {
        Thread.Check();
        Session.Reset(stream.Core);
        if (stream.End == StreamEnd.None && stream.Core.Owner == stream)
        {
            stream.HandleEnd(end);
        }

        RequestService();
    }

    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        Thread.Assert();
        CancellationTokenRegistration registration = Thread.OnCanceled(
            static state => ((Connection)state!).Abort(CloseReason.Aborted), this, cancellationToken);
        try
        {
            // Whoever made the connection has it before a consumer of it is called.
            await Task.Yield();
            _now = Time.Now;
            _receiver.HandleEarlyPlaintext(_now);
            RequestService();
            ScheduleTimer();
            await ReadAllAsync();
        }
#pragma warning disable CA1031 // The connection ends here, whatever happened; the reason is kept.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
        }

        await registration.DisposeAsync();
        await FinishAsync();
    }

    private async Task ReadAllAsync()
    {
        while (!IsOver)
        {
            ReadResult result;
            try
            {
                result = await _pipe.Input.ReadAsync(CancellationToken.None);
            }
#pragma warning disable CA1031 // Whatever a transport throws, it gives nothing any more.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                EndByTransport(failure);
                return;
            }

            ReadOnlySequence<byte> buffer = result.Buffer;
            _now = Time.Now;
            _receiver.HandleBytes(ref buffer, _now);
            _pipe.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                bool isOrderly = buffer.IsEmpty || Session.RemoteGoAway is not null;
                End(isOrderly ? CloseReason.RemoteClosed : CloseReason.Truncated, failure: null);
            }

            RequestService();
        }
    }

    private void HandleTimer()
    {
        try
        {
            HandleTimeout(Time.Now);
            ScheduleTimer();
        }
#pragma warning disable CA1031 // Without its clock a connection would live for ever.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
        }
    }

    private void ScheduleTimer()
    {
        if (!IsOver)
        {
            long now = Time.Now;
            _timer.Schedule(Math.Clamp(
                NextTimeout(),
                now + ConnectionTime.NanosecondsOf(ConnectionLimits.TickMin),
                now + ConnectionTime.NanosecondsOf(ConnectionLimits.TickMax)));
        }
    }

    // Streams only begin and flushes only end between two looks, but for those that TickMax is for.
    private long NextTimeout()
    {
        long next = Math.Min(Math.Min(Session.NextTimeout, Streams.NextTimeout), OutputGivenUpAt);
        return _output.IsFlushing ? Math.Min(next, WriteDeadline) : next;
    }

    private void HandleTimeout(long now)
    {
        if (IsOver)
        {
            return;
        }

        bool isDue = now >= Session.NextTimeout;
        if (!Session.HandleTimeout(now, isDue && Setup.Liveness is { } liveness ? liveness.HeardAt : long.MinValue))
        {
            End(CloseReason.KeepAliveTimeout, failure: null);
        }
        else if (_output.IsFlushing && now >= WriteDeadline)
        {
            End(CloseReason.WriteTimeout, failure: null);
        }
        else if (now >= OutputGivenUpAt)
        {
            EndByTransport(_outputFailure);
        }
        else
        {
            Streams.HandleTimeouts(now);
            RequestService();
        }
    }

    /// <summary>The transport takes nothing any more. What it still has to read says why: a go-away, perhaps.
    /// </summary>
    private void HandleOutputBroken(Exception? failure)
    {
        _outputFailure = failure;
        _outputBrokenAt = Time.Now;
        ScheduleTimer();
    }

    private void EndByTransport(Exception? failure)
    {
        // Who said that it goes away may close as it likes, and a reset is how many do it.
        bool isOrderly = failure is null || Session.RemoteGoAway is not null;
        End(isOrderly ? CloseReason.RemoteClosed : CloseReason.TransportFailed, isOrderly ? null : failure);
    }

    /// <summary>Lets the go-away leave where there is one, and gives the pipe back.</summary>
    private async Task FinishAsync()
    {
        _timer.Cancel();
        if (Session.HasSaidGoodbye)
        {
            _scheduler.WriteControl(_now);
            long deadline = Time.After(ConnectionLimits.CloseTimeout);
            ConnectionTimer timer = Time.CreateTimer(
                static output => ((ConnectionOutput)output!).StopWaiting(), _output);
            timer.Schedule(deadline);

            // Twice: a flush may be on its way already, and the goodbye waits behind it.
            for (int i = 0; i < 2 && Time.Now < deadline; i++)
            {
                _output.Flush();
                await _output.WaitIdleAsync();
            }

            timer.Cancel();
        }

        _output.Complete();
        await _pipe.Input.CompleteAsync();
        _secured.Dispose();
        _lifetime.Dispose();
    }
}
