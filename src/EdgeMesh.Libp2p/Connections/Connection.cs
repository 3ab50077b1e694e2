using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Security;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A secured and multiplexed connection: a pipe, two cipher states, one yamux session.</summary>
/// <remarks>
/// Belongs to one thread, that of the <see cref="SynchronizationContext"/> it is made under: every call comes from
/// there, every continuation runs there, nothing is locked. The owner of the transport disposes it after
/// <see cref="RunAsync"/> ended. What it does is in <see cref="ConnectionCore"/>, without I/O;
/// <see cref="ConnectionDriver"/> connects that to pipe and clock.
/// </remarks>
public sealed class Connection
{
    private readonly SecuredConnection _secured;
    private readonly ConnectionSetup _setup;
    private readonly ConnectionDriver _driver;
    private readonly ConnectionCore _core;
    private Task? _run;

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
        _secured = secured;
        _setup = setup;
        _driver = new ConnectionDriver(this, pipe, secured, options, setup);
        _core = _driver.Core;
    }

    /// <summary>The peer, proven by the handshake.</summary>
    public PeerId RemotePeer => _secured.RemotePeer;

    /// <summary>Whether we dialed.</summary>
    public bool IsInitiator => _secured.IsInitiator;

    /// <summary>Why it ended; <see cref="CloseReason.None"/> while it lives.</summary>
    public CloseReason CloseReason => _core.CloseReason;

    /// <summary>What was thrown, if the transport or a consumer of ours ended the connection.</summary>
    public Exception? Failure => _core.Failure;

    /// <summary>Smoothed round trip; zero before the first measurement.</summary>
    public TimeSpan RoundTrip => new(_core.Session.RoundTripNanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>Bytes received, Noise included.</summary>
    public long ReceivedBytes => _core.ReceivedBytes;

    /// <summary>Bytes sent, Noise included.</summary>
    public long SentBytes => _core.Output.SentBytes;

    /// <summary>Open streams of both sides.</summary>
    public int StreamCount => _core.Session.Streams.Count;

    /// <summary>Handlers that failed with an exception nobody expected; their streams were reset.</summary>
    public long HandlerFailures => _driver.Handlers.Failures;

    /// <summary>Where the peer is, if the owner said so.</summary>
    public Multiaddr? RemoteAddress => _setup.RemoteAddress;

    /// <summary>Our end, if the owner said so.</summary>
    public Multiaddr? LocalAddress => _setup.LocalAddress;

    /// <summary>Protocols whose streams are consumed in place, of those that the peer opens.</summary>
    public IEnumerable<string> InlineProtocols => _setup.Consumers.Keys;

    /// <summary>Canceled when the connection ends.</summary>
    public CancellationToken Ended => _driver.Ended;

    internal ConnectionTime Time => _driver.Time;

    internal ConnectionThread Thread => _driver.Thread;

    /// <summary>Bytes that ordinary streams hold for their applications.</summary>
    internal long UnreadBytes => _core.UnreadBytes;

    /// <summary>Reads until the connection ends. A second call returns the same task.</summary>
    /// <param name="cancellationToken">Aborts the connection; may be canceled from any thread.</param>
    /// <returns>A task that never fails: see <see cref="CloseReason"/>.</returns>
    public Task RunAsync(CancellationToken cancellationToken) => _run ??= _driver.RunAsync(cancellationToken);

    /// <summary>Opens a stream and agrees on its protocol. Waits while the peer has too many to acknowledge.</summary>
    /// <exception cref="StreamException">The peer refused, or the connection ended.</exception>
    public async ValueTask<MuxedStream> OpenStreamAsync(string protocol, CancellationToken cancellationToken) =>
        (MuxedStream)await _driver.Opener.OpenAsync(protocol, consumer: null, cancellationToken);

    /// <summary>Opens a stream whose bytes the consumer takes in place.</summary>
    /// <exception cref="StreamException">The peer refused, or the connection ended.</exception>
    public async ValueTask<InlineStream> OpenInlineAsync(
        string protocol, InlineConsumer consumer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        return (InlineStream)await _driver.Opener.OpenAsync(protocol, consumer, cancellationToken);
    }

    /// <summary>Ends the connection at once. Nothing happens if it ended before.</summary>
    public void Abort(CloseReason reason)
    {
        Thread.Check();
        _core.End(reason == CloseReason.None ? CloseReason.Aborted : reason, failure: null);
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
        if (!_core.IsOver)
        {
            _core.GoAway(reason == CloseReason.None ? CloseReason.Closed : reason);
        }

        await RunAsync(CancellationToken.None);
    }
}
