using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Io;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>One direct connection to a peer and the tunnel stream in it.</summary>
/// <remarks>
/// The end that dialed opens the stream. Each end sends its Hello first; packets flow to the peer once its Hello is
/// here, for only then it is known which capsules the peer takes. Runs on its worker's thread only.
/// </remarks>
#pragma warning disable CA1001 // the reader is disposed when RunAsync ends
internal sealed class Lane : InlineConsumer
#pragma warning restore CA1001
{
    /// <summary>The tunnel stream's protocol (design section 3).</summary>
    public const string Protocol = "/edgemesh/packets/1.0.0";

    /// <summary>Time from the connection to the peer's Hello, at most.</summary>
    private static readonly TimeSpan HelloTimeMax = TimeSpan.FromSeconds(10);

    private readonly Worker _worker;
    private readonly LoopTimer _helloDeadline;
    private readonly CapsuleReader _reader;
    private readonly HelloReader _helloReader = new();
    private Connection? _connection;
    private TcpConnection? _tcp;
    private ConnectionEvent? _closedBecause;
    private string? _violation;
    private bool _isHelloSent;
    private bool _isDraining;

    /// <summary>Makes the lane that <paramref name="ticket"/> names.</summary>
    public Lane(Worker worker, WorkerPeer peer, LaneTicket ticket)
    {
        _worker = worker;
        _reader = new CapsuleReader(worker.Pool);
        Peer = peer;
        Ticket = ticket;
        Probes = new LaneProbes(worker.Loop, this);
        _helloDeadline = worker.Loop.CreateTimer(
            static lane => ((Lane)lane!).Violate("it sent no Hello in time"), this);
    }

    /// <summary>The far node.</summary>
    public WorkerPeer Peer { get; }

    /// <summary>Its name at the reception.</summary>
    public LaneTicket Ticket { get; }

    /// <summary>Round trips of this lane.</summary>
    public LaneProbes Probes { get; }

    /// <summary>The tunnel stream; null until it is open.</summary>
    public InlineStream? Stream { get; private set; }

    /// <summary>Which unfinished packets the peer takes; known once its Hello is here.</summary>
    public HelloFeatures PeerFeatures { get; private set; }

    /// <summary>Open streams of its connection, both sides'. Any thread may read.</summary>
    public int StreamCount => _connection?.StreamCount ?? 0;

    /// <summary>Whether packets may go over it now.</summary>
    public bool TakesPackets =>
        Stream is not null && _helloReader.Hello is not null && !_isDraining && _closedBecause is null;

    /// <summary>Runs the connection to its end.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<(ConnectionEvent Reason, string Detail)> RunAsync(TcpConnection tcp, SecuredConnection secured)
    {
        _tcp = tcp;
        _helloDeadline.Schedule(_worker.Loop.Now + HelloTimeMax);
        _connection = _worker.Attach(this, tcp, secured);
        if (Ticket.WeDialed)
        {
            _ = OpenStreamAsync(_connection);
        }

        await _connection.RunAsync(CancellationToken.None);
        Stream = null;
        _helloDeadline.Cancel();
        Probes.Dispose();
        _reader.Dispose();
        tcp.Dispose();
        return Ending(_connection);
    }

    /// <summary>Sends what waits for the peer, as far as the lane takes it now.</summary>
    public void Send(Instant now)
    {
        if (Stream is not { } stream || _isDraining)
        {
            return;
        }

        if (_isHelloSent && ReferenceEquals(Peer.Lane, this))
        {
            _worker.Sender.Send(now, this, stream);
        }
    }

    /// <summary>Sends a capsule that carries no packet.</summary>
    /// <returns>False if the stream does not take it now.</returns>
    public bool TrySendControl(CapsuleType type, ReadOnlySpan<byte> value) =>
        Stream is { } stream && _isHelloSent && _worker.Sender.TrySendControl(stream, type, value);

    /// <summary>Whether the peer takes an offloaded packet as it is.</summary>
    public bool Takes(Packet packet) =>
        OffloadLimits.Allow(OffloadHeader.Read(packet.OffloadHeader), packet.Length, PeerFeatures);

    /// <summary>Closes the lane in good order.</summary>
    public void Close(ConnectionEvent reason)
    {
        _closedBecause ??= reason;
        _worker.Switch.TakeOutOfUse(this);
        if (_connection is { } connection)
        {
            CloseConnection(connection);
        }
        else
        {
            _tcp?.Abort();
        }
    }

    /// <summary>Sends what waits, tells the peer that this lane closes, and closes it.</summary>
    public void Drain()
    {
        Send(_worker.Loop.Now);
        TrySendControl(CapsuleType.Drain, []);
        _isDraining = true;
        Close(ConnectionEvent.Closed);
    }

    /// <summary>Takes this lane's connection out of <paramref name="lanes"/>.</summary>
    public void Forget(Dictionary<Connection, Lane> lanes)
    {
        if (_connection is { } connection)
        {
            lanes.Remove(connection);
        }
    }

    /// <summary>Ends the lane at once.</summary>
    public void Abort() => _tcp?.Abort();

    /// <inheritdoc/>
    public override void Opened(InlineStream stream)
    {
        Stream = stream;
        SendHello(stream);
    }

    /// <inheritdoc/>
    public override void Receive(Span<byte> data)
    {
        if (_violation is not null || Peer.IsRemoved || (_helloReader.Hello is null && !TryReadHello(ref data)))
        {
            return;
        }

        while (_violation is null)
        {
            CapsuleStatus status = _reader.Read(ref data, out CapsuleView capsule);
            switch (status)
            {
                case CapsuleStatus.Complete:
                    Handle(capsule);
                    break;
                case CapsuleStatus.PoolExhausted:
                    _worker.Ledger.Received(Peer.Ledger, 0);
                    _worker.Ledger.DroppedIn(DropReason.PoolExhausted, Peer.Ledger);
                    break;
                case CapsuleStatus.TooLong:
                    Violate("a capsule of its is longer than any may be");
                    break;
                default:
                    return;
            }
        }
    }

    /// <inheritdoc/>
    public override void EndOfBatch() => _worker.Receiver.EndOfBatch(Peer);

    /// <inheritdoc/>
    public override void Writable()
    {
        if (!_isHelloSent && Stream is { } stream)
        {
            SendHello(stream);
        }

        _worker.MarkReady(Peer);
    }

    /// <inheritdoc/>
    public override void Closed(StreamEnd end)
    {
        Stream = null;
        if (end != StreamEnd.ConnectionEnded && _closedBecause is null && _connection is { } connection)
        {
            // A lane without its stream is of no use: end it, so that the reception makes another one.
            _closedBecause = ConnectionEvent.RemoteClosed;
            _worker.Switch.TakeOutOfUse(this);
            CloseConnection(connection);
        }
    }

    // Nobody waits for the end here: RunAsync does.
    private static void CloseConnection(Connection connection) => _ = connection.CloseAsync().AsTask();

    private void Handle(CapsuleView capsule)
    {
        if (capsule.IsPacket)
        {
            _worker.Receiver.Receive(Peer, capsule);
            return;
        }

        switch (capsule.Type)
        {
            case CapsuleType.Probe when capsule.Value.Length >= Probe.SizeBytes:
                Span<byte> reply = stackalloc byte[Probe.ReplyBytes];
                Probe.WriteReply(reply, capsule.Value[..Probe.SizeBytes], Peer.Queue.LastDelay);
                TrySendControl(CapsuleType.ProbeReply, reply);
                break;
            case CapsuleType.ProbeReply:
                Probes.HandleReply(capsule.Value);
                break;
            case CapsuleType.Drain:
                _isDraining = true; // the peer closes this lane: nothing more is sent on it
                _worker.Switch.TakeOutOfUse(this);
                break;
        }
    }

    private void SendHello(InlineStream stream)
    {
        Span<byte> hello = stackalloc byte[Limits.FrameHeaderBytes + Hello.BytesMax];
        Hello own = _worker.OwnHello with { LaneIndex = Ticket.Index };
        int length = own.Write(hello[Limits.FrameHeaderBytes..]);
        _isHelloSent = stream.TryWrite(hello[..(Limits.FrameHeaderBytes + length)]);
        if (_isHelloSent)
        {
            stream.Flush();
        }
    }

    private async Task OpenStreamAsync(Connection connection)
    {
        try
        {
            await connection.OpenInlineAsync(Protocol, this, CancellationToken.None);
        }
        catch (StreamException exception)
        {
            if (exception.End != StreamEnd.ConnectionEnded)
            {
                Violate($"it refused the tunnel stream: {exception.Message}");
            }
        }
    }

    private bool TryReadHello(ref Span<byte> data)
    {
        HelloStatus status = _helloReader.Read(ref data);
        if (status == HelloStatus.Malformed)
        {
            Violate("its Hello is malformed");
        }

        if (status != HelloStatus.Complete)
        {
            return false;
        }

        Hello hello = _helloReader.Hello!;
        if (!string.Equals(hello.NodeName, Peer.Info.Name, StringComparison.Ordinal))
        {
            Violate($"its Hello names the node {hello.NodeName}, but its key is {Peer.Info.Name}'s");
            return false;
        }

        _helloDeadline.Cancel();
        PeerFeatures = hello.Features;
        if (Ticket.WeDialed || hello.LaneIndex == 0)
        {
            Probes.Start(); // of a further lane, the probes of one end keep it open: the other need not wake
        }

        _worker.HandleHello(this, hello);
        return true;
    }

    private void Violate(string what)
    {
        if (_violation is null)
        {
            _violation = what;
            _closedBecause ??= ConnectionEvent.ProtocolError;
            _worker.Loop.Post(static state => ((Lane)state!)._connection?.Abort(CloseReason.Aborted), this);
        }
    }

    private (ConnectionEvent Reason, string Detail) Ending(Connection connection)
    {
        string detail = _violation ?? connection.Failure?.Message ?? connection.CloseReason.ToString();
        return (_closedBecause ?? connection.CloseReason switch
        {
            CloseReason.RemoteClosed or CloseReason.Closed or CloseReason.Aborted => ConnectionEvent.RemoteClosed,
            CloseReason.KeepAliveTimeout or CloseReason.WriteTimeout => ConnectionEvent.KeepAliveTimeout,
            CloseReason.TransportFailed or CloseReason.Truncated => ConnectionEvent.TransportError,
            _ => ConnectionEvent.ProtocolError,
        }, detail);
    }
}
