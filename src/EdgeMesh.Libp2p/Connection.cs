using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identify;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p;

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
    private readonly CancellationTokenSource _lifetime = new();
    private Task? _run;
    private long _now;

    /// <summary>Takes over a pipe that was upgraded, and the keys.</summary>
    /// <exception cref="InvalidOperationException">The thread has no <see cref="SynchronizationContext"/>.</exception>
    public Connection(IDuplexPipe pipe, SecuredConnection secured, ConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(secured);
        ArgumentNullException.ThrowIfNull(options);
        Thread = new ConnectionThread();
        _pipe = pipe;
        _secured = secured;
        _options = options;
        _now = options.Clock();
        _receiver = new ConnectionReceiver(this, secured);
        _output = new ConnectionOutput(
            pipe.Output, secured.Send, options.Clock, RequestService, HandleOutputBroken);
        _scheduler = new ConnectionScheduler(this, _output);
        Session = new YamuxSession(secured.IsInitiator, options.Yamux, _now);
        Streams = new ConnectionStreams(this, options);
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
    public Multiaddr? RemoteAddress { get; init; }

    /// <summary>What the peer says about itself; null before it did.</summary>
    public IdentifyInfo? RemoteInfo { get; internal set; }

    /// <summary>Canceled when the connection ends.</summary>
    public CancellationToken Ended { get; }

    internal YamuxSession Session { get; }

    internal ConnectionStreams Streams { get; }

    internal ConnectionThread Thread { get; }

    internal Func<long> Clock => _options.Clock;

    /// <summary>Streams that the peer pings us on.</summary>
    internal int PingStreams { get; set; }

    /// <summary>Bytes that ordinary streams hold for their applications.</summary>
    internal long UnreadBytes { get; private set; }

    internal int RoomBytes => _output.RoomBytes;

    internal int BurstRoomBytes => _output.BurstRoomBytes;

    internal bool IsFlushing => _output.IsFlushing;

    private long WriteDeadline =>
        _output.FlushingSince + (_options.WriteTimeout.Ticks * TimeSpan.NanosecondsPerTick);

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
    public async ValueTask CloseAsync()
    {
        Thread.Check();
        if (!IsOver)
        {
            Session.GoAway(YamuxGoAwayCode.Normal);
            RequestService();
            End(CloseReason.Closed, failure: null);
        }

        await RunAsync(CancellationToken.None);
    }

    internal ConnectionTimeout StartTimeout(TimeSpan time, CancellationToken cancellationToken) =>
        new(time, _options.Delay, Ended, cancellationToken);

    /// <summary>Writes and flushes what can be; while bytes are being read, that waits for the end of the
    /// batch.</summary>
    internal void RequestService()
    {
        Thread.Assert();
        if (_receiver.IsBusy || IsOver)
        {
            return;
        }

        _now = _options.Clock();
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
            _now = _options.Clock();
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
        Task clock = KeepTimeAsync();
        try
        {
            _receiver.HandleEarlyPlaintext(_now);
            RequestService();
            await ReadAllAsync();
        }
#pragma warning disable CA1031 // The connection ends here, whatever happened; the reason is kept.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
        }

        await registration.DisposeAsync();
        await clock;
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
                End(CloseReason.TransportFailed, failure);
                return;
            }

            ReadOnlySequence<byte> buffer = result.Buffer;
            _now = _options.Clock();
            _receiver.HandleBytes(ref buffer, _now);
            _pipe.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                End(buffer.IsEmpty ? CloseReason.RemoteClosed : CloseReason.Truncated, failure: null);
            }

            RequestService();
        }
    }

    private async Task KeepTimeAsync()
    {
        try
        {
            while (!IsOver)
            {
                long untilNext = Math.Max(0, NextTimeout() - _options.Clock()) / TimeSpan.NanosecondsPerTick;
                await _options.Delay(
                    TimeSpan.FromTicks(
                        Math.Clamp(untilNext, ConnectionLimits.TickMin.Ticks, ConnectionLimits.TickMax.Ticks)),
                    Ended);
                HandleTimeout(_options.Clock());
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended.
        }
#pragma warning disable CA1031 // Without its clock a connection would live for ever.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
        }
    }

    // Streams only begin and flushes only end between two looks, but for those that TickMax is for.
    private long NextTimeout()
    {
        long next = Math.Min(Session.NextTimeout, Streams.NextTimeout);
        return _output.IsFlushing ? Math.Min(next, WriteDeadline) : next;
    }

    private void HandleTimeout(long now)
    {
        if (IsOver)
        {
            return;
        }

        bool isDue = now >= Session.NextTimeout;
        if (!Session.HandleTimeout(now, isDue && _options.HeardAt is { } heardAt ? heardAt(_pipe) : long.MinValue))
        {
            End(CloseReason.KeepAliveTimeout, failure: null);
        }
        else if (_output.IsFlushing && now >= WriteDeadline)
        {
            End(CloseReason.WriteTimeout, failure: null);
        }
        else
        {
            Streams.HandleTimeouts(now);
            RequestService();
        }
    }

    private void HandleOutputBroken(Exception? failure) =>
        End(failure is null ? CloseReason.RemoteClosed : CloseReason.TransportFailed, failure);

    /// <summary>Lets the go-away leave where there is one, and gives the pipe back.</summary>
    private async Task FinishAsync()
    {
        if (CloseReason == CloseReason.Closed || Session.Violation != YamuxViolation.None)
        {
            _scheduler.WriteControl(_now);
            using ConnectionTimeout deadline = new(
                ConnectionLimits.CloseTimeout, _options.Delay, CancellationToken.None, CancellationToken.None);
            using CancellationTokenRegistration registration = Thread.OnCanceled(
                static state => ((ConnectionOutput)state!).StopWaiting(), _output, deadline.Token);

            // Twice: a flush may be on its way already, and the goodbye waits behind it.
            for (int i = 0; i < 2 && !deadline.Token.IsCancellationRequested; i++)
            {
                _output.Flush();
                await _output.WaitIdleAsync();
            }
        }

        _output.Complete();
        await _pipe.Input.CompleteAsync();
        _secured.Dispose();
        _lifetime.Dispose();
    }
}
