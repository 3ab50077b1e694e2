using System;
using System.Threading.Tasks;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>The tunnel stream of one connection to a peer: Hellos, then capsules, until both ends drained it.</summary>
/// <remarks>
/// The end that dialed opens the stream. Each end sends its Hello first; packets flow to the peer once its Hello is
/// here, for only then it is known which capsules the peer takes. An end that wants to send no more says so by a drain
/// capsule; the other end goes on elsewhere and answers with its own. An end that has sent one and got one closes:
/// nothing is on its way any more, so nothing is lost. Runs on its worker's thread only.
/// </remarks>
internal sealed class Lane : InlineConsumer, IDisposable
{
    /// <summary>The tunnel stream's protocol (design section 3).</summary>
    public const string Protocol = "/edgemesh/packets/1.0.0";

    /// <summary>Time from the connection to the peer's Hello, at most.</summary>
    private static readonly TimeSpan HelloTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>How long the peer may take to drain a lane that we drained.</summary>
    private static readonly TimeSpan DrainTimeMax = TimeSpan.FromSeconds(5);

    private readonly LaneParts _parts;
    private readonly LoopTimer _deadline;
    private readonly CapsuleReader _reader;
    private readonly HelloReader _helloReader = new();
    private readonly LaneSender _sender;
    private readonly LaneProbes _probes;
    private InlineStream? _stream;
    private HelloFeatures _takes; // which unfinished packets the peer takes
    private readonly byte[] _reply = new byte[Forwarding.Capsules.Probe.ReplyBytes];
    private bool _isReplyPending;
    private bool _isHelloSent;
    private bool _isRetired;      // nothing new is sent
    private bool _isDrainSent;
    private bool _isDrainHere;    // the peer sends nothing more

    internal Lane(LaneParts parts, WorkerPeer peer, PathInfo path)
    {
        _parts = parts;
        Peer = peer;
        Path = path;
        _reader = new CapsuleReader(parts.Pool);
        _sender = new LaneSender(parts.Ledger, parts.Pool, parts.Batch, peer);
        _probes = new LaneProbes(parts.Loop, TrySendProbe, ReportProbe);
        _deadline = parts.Loop.CreateTimer(static lane => ((Lane)lane!).HandleDeadline(), this);
        _deadline.Schedule(parts.Loop.Now + HelloTimeMax);
    }

    /// <summary>The far node.</summary>
    public WorkerPeer Peer { get; }

    /// <summary>Which path it is.</summary>
    public PathInfo Path { get; }

    /// <summary>Whether its opened stream is over, or it was ended: its connection is to be closed.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Why it ends, if that is known before the connection ends.</summary>
    internal PathEnding? Ending { get; private set; }

    /// <summary>Whether the peer's Hello came.</summary>
    internal bool IsWelcome => _helloReader.Hello is not null;

    /// <summary>What the peer did wrong; null if nothing.</summary>
    internal string? Violation { get; private set; }

    /// <summary>Called once when the lane is over while its connection lives.</summary>
    internal Action<Lane>? Over { get; set; }

    /// <summary>Whether new packets may go over it now.</summary>
    public bool TakesPackets => _stream is not null && IsWelcome && !_isRetired && !IsOver;

    /// <summary>Sends a turn of what waits for the peer.</summary>
    /// <returns>Whether there may be more to send.</returns>
    internal bool Send(Instant now)
    {
        if (_stream is not { } stream || !_isHelloSent || IsOver)
        {
            return false;
        }

        if (_probes.IsPending || _isReplyPending)
        {
            SendControl(now, stream);
        }

        bool isInUse = ReferenceEquals(Peer.Lane, this) && !_isRetired;
        bool hasMore = _sender.Send(now, stream, _takes, onlyBegun: !isInUse);
        if (_isRetired)
        {
            SendDrain();
        }

        return hasMore;
    }

    /// <summary>Measures the round trip; null if the lane takes no probe, or the time is up.</summary>
    internal void Probe(TaskCompletionSource<ProbeResult?> answer, TimeSpan timeout) => _probes.Send(answer, timeout);

    /// <summary>Sends a probe whose answer is reported.</summary>
    internal void Probe() => _probes.Send();

    /// <summary>Sends nothing new, finishes what it began, and ends when the peer did the same.</summary>
    internal void Retire(PathEnding ending)
    {
        Ending ??= ending;
        if (!_isRetired)
        {
            _isRetired = true;
            _deadline.Schedule(_parts.Loop.Now + DrainTimeMax);
            _parts.UseChanged(this);
        }

        Send(_parts.Loop.Now);
    }

    /// <summary>Sends what waits as far as possible, says that nothing more comes, and ends.</summary>
    internal void Drain()
    {
        while (Send(_parts.Loop.Now))
        {
            // Each turn takes something from the queue, or the stream is full: it ends.
        }

        Retire(PathEnding.Closed);
        End(PathEnding.Closed);
    }

    /// <summary>Ends the lane now.</summary>
    internal void End(PathEnding ending)
    {
        if (IsOver)
        {
            return;
        }

        Ending ??= ending;
        IsOver = true;
        _parts.UseChanged(this);
        Over?.Invoke(this);
    }

    /// <summary>The peer did not take the tunnel stream that we opened.</summary>
    internal void HandleRefused(StreamException exception)
    {
        if (exception.End != StreamEnd.ConnectionEnded)
        {
            Violate($"it refused the tunnel stream: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public override void Opened(InlineStream stream)
    {
        _stream = stream;
        SendHello();
    }

    /// <inheritdoc/>
    public override void Receive(Span<byte> data)
    {
        if (Violation is not null || (_helloReader.Hello is null && !TryReadHello(ref data)))
        {
            return;
        }

        while (Violation is null)
        {
            CapsuleStatus status = _reader.Read(ref data, out CapsuleView capsule);
            switch (status)
            {
                case CapsuleStatus.Complete:
                    Handle(capsule);
                    break;
                case CapsuleStatus.PoolExhausted:
                    _parts.Receiver.CountExhausted(Peer);
                    break;
                case CapsuleStatus.TooLong:
                    Violate("it sent a capsule longer than any may be");
                    break;
                default:
                    return;
            }
        }
    }

    /// <inheritdoc/>
    public override void EndOfBatch() => _parts.Receiver.EndOfBatch(Peer);

    /// <inheritdoc/>
    public override void Writable()
    {
        if (!_isHelloSent)
        {
            SendHello();
        }

        if (ReferenceEquals(Peer.Lane, this))
        {
            _parts.SendList.Add(Peer);
        }
        else
        {
            Send(_parts.Loop.Now); // only what was begun, and the drain capsule
        }
    }

    /// <inheritdoc/>
    public override void Closed(StreamEnd end)
    {
        _stream = null;
        _sender.Clear();
        if (end != StreamEnd.ConnectionEnded)
        {
            // Without its stream a connection is of no use: end it, so that another one is made.
            End(PathEnding.RemoteClosed);
        }
    }

    /// <summary>The connection is over.</summary>
    public void Dispose()
    {
        _stream = null;
        IsOver = true;
        _deadline.Cancel();
        _probes.Dispose();
        _sender.Clear();
        _reader.Dispose();
    }

    private void Handle(CapsuleView capsule)
    {
        if (capsule.IsPacket)
        {
            _parts.Receiver.Receive(Peer, capsule);
            return;
        }

        switch (capsule.Type)
        {
            case CapsuleType.Probe when capsule.Value.Length >= Forwarding.Capsules.Probe.SizeBytes:
                Forwarding.Capsules.Probe.WriteReply(_reply, capsule.Value, Peer.Queue.LastDelay);
                _isReplyPending = !TrySendControl(CapsuleType.ProbeReply, _reply);
                break;
            case CapsuleType.ProbeReply:
                _probes.HandleReply(capsule.Value);
                break;
            case CapsuleType.Drain:
                HandleDrain(capsule.Value is [(byte)DrainReason.Replaced, ..]);
                break;
        }
    }

    private void HandleDrain(bool isReplaced)
    {
        if (_isDrainHere)
        {
            return;
        }

        _isDrainHere = true;
        _parts.Reports.Add(new PathReport(PathReportKind.PeerDrains, Path));
        Retire(isReplaced ? PathEnding.Replaced : PathEnding.RemoteClosed);
        EndIfDrained();
    }

    // What could not leave when it came up goes ahead of the packets, after the capsule that has begun.
    private void SendControl(Instant now, InlineStream stream)
    {
        if (_sender.HasBegun)
        {
            _sender.Send(now, stream, _takes, onlyBegun: true);
        }

        _probes.SendPending();
        _isReplyPending = _isReplyPending && !TrySendControl(CapsuleType.ProbeReply, _reply);
    }

    private void SendDrain()
    {
        if (!_isDrainSent && !_sender.HasBegun)
        {
            DrainReason reason = Ending == PathEnding.Replaced ? DrainReason.Replaced : DrainReason.Stopping;
            _isDrainSent = TrySendControl(CapsuleType.Drain, [(byte)reason]);
            EndIfDrained();
        }
    }

    // Posted, as the connection may be handing out received bytes right now, and the drain capsule is to leave.
    private void EndIfDrained()
    {
        if (_isDrainSent && _isDrainHere)
        {
            _parts.Loop.Post(static lane => ((Lane)lane!).End(PathEnding.Replaced), this);
        }
    }

    private bool TrySendControl(CapsuleType type, ReadOnlySpan<byte> value) =>
        _stream is { } stream && _isHelloSent && _sender.TrySendControl(stream, type, value);

    private bool TrySendProbe(Probe probe)
    {
        Span<byte> value = stackalloc byte[Forwarding.Capsules.Probe.SizeBytes];
        probe.Write(value);
        return TrySendControl(CapsuleType.Probe, value);
    }

    private void ReportProbe(TimeSpan? roundTrip) => _parts.Reports.Add(roundTrip is { } measured
        ? new PathReport(PathReportKind.Carried, Path, RoundTrip: measured)
        : new PathReport(PathReportKind.Stalled, Path));

    private void SendHello()
    {
        if (_stream is not { } stream)
        {
            return;
        }

        Span<byte> hello = stackalloc byte[Limits.FrameHeaderBytes + Hello.BytesMax];
        Hello own = _parts.Hello with
        {
            LaneIndex = Path.LaneIndex,
            Sequence = Path.WeDialed ? (ulong)Path.Number : 0,
        };
        int length = own.Write(hello[Limits.FrameHeaderBytes..]);
        if (stream.WritableBytes >= length)
        {
            _isHelloSent = stream.TryWrite(hello[..(Limits.FrameHeaderBytes + length)]);
            stream.Flush();
        }
        else
        {
            stream.WantToWrite();
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

        if (!_isRetired)
        {
            _deadline.Cancel(); // else it is the drain's
        }

        _takes = hello.Features;
        _parts.Reports.Add(new PathReport(PathReportKind.HelloCame, Path, hello));
        _parts.UseChanged(this);

        // Of a further lane, the probes of one end keep it open: the other need not wake.
        _probes.Start(isPeriodic: Path.WeDialed || hello.LaneIndex == 0);
        return true;
    }

    private void HandleDeadline()
    {
        if (_helloReader.Hello is null && !_isRetired)
        {
            Violate($"it sent no Hello within {HelloTimeMax.TotalSeconds:0} s");
        }
        else
        {
            End(PathEnding.Replaced); // it does not drain: whatever it still sends is lost
        }
    }

    private void Violate(string what)
    {
        if (Violation is null)
        {
            Violation = what;

            // Posted, as the connection may be handing out received bytes right now.
            _parts.Loop.Post(static lane => ((Lane)lane!).End(PathEnding.ProtocolError), this);
        }
    }
}
