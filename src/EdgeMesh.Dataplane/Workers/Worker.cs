using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Io;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Io.Tun;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Multiaddresses;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>
/// One thread with its event loop, its TUN queue, its packet pool and its connections; it shares nothing that it
/// writes.
/// </summary>
/// <remarks>
/// One iteration of the loop: completions resume the TUN pump, which routes a burst of packets into the queues of their
/// peers, and the connections, which hand received packets to the TUN; then <see cref="EndIteration"/> takes in what
/// other workers handed over and lets every peer with waiting packets send. So batches form by themselves: what
/// comes in while the kernel is busy goes out together.
/// </remarks>
internal sealed class Worker : IDisposable
{
    private readonly Packet[] _burst = new Packet[Limits.BatchPackets];
    private readonly List<WorkerPeer> _ready = [];
    private readonly List<WorkerPeer> _sending = [];
    private readonly Dictionary<long, Lane> _lanes = [];
    private readonly Forwarder _forwarder = new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
    private readonly DataplaneOptions _options;
    private readonly StructuredLog _log;
    private readonly LaneEvents _laneEvents;
    private readonly Host _host;
    private readonly Dictionary<Connection, Lane> _lanesByConnection = [];
    private readonly IcmpUnreachable _unreachable = new();
    private WorkerPeer?[] _peers = [];
    private MeshView _view = MeshView.Empty;
    private Lane? _attaching;
    private long _exhaustedCounted;
    private TaskCompletionSource? _drained;

    /// <summary>Opens loop and TUN queue; must run on the thread that then calls <see cref="Run"/>.</summary>
    public Worker(
        int index,
        DataplaneOptions options,
        TunDevice tun,
        KeyPair identity,
        StructuredLog log,
        ulong instance,
        LaneEvents laneEvents)
    {
        Index = index;
        _options = options;
        _log = log;
        _laneEvents = laneEvents;
        Pool = MakePool(options, log);
        Loop = EventLoop.Open(options.Io);
        Loop.EndOfIteration = EndIteration;
        Tun = tun.OpenQueue(Loop, Pool);
        Sender = new LaneSender(Ledger, Pool);
        HelloFeatures features = FeaturesOf(tun.Offloads);
        Receiver = new LaneReceiver(this, features);
        Switch = new LaneSwitch(this, _lanes.Values);
        OwnHello = new Hello
        {
            NodeName = options.Node,
            Features = features,
            LaneCount = options.Workers,
            Instance = instance,
        };
        _host = HostProfile.Make(identity, options, Loop, Lane.Protocol, ConsumerFor);
    }

    /// <summary>Which of the workers this is.</summary>
    public int Index { get; }

    /// <summary>Its event loop.</summary>
    public EventLoop Loop { get; }

    /// <summary>Its packet memory.</summary>
    public PacketPool Pool { get; }

    /// <summary>Its queue of the TUN device.</summary>
    public TunQueue Tun { get; }

    /// <summary>What this node says first on each tunnel stream; the lane's index is still to be set.</summary>
    public Hello OwnHello { get; }

    /// <summary>What happened to its packets.</summary>
    public PacketLedger Ledger { get; } = new();

    /// <summary>Turns waiting packets into frames.</summary>
    public LaneSender Sender { get; }

    /// <summary>Turns frames into packets for the TUN.</summary>
    public LaneReceiver Receiver { get; }

    /// <summary>Chooses the lane of each packet.</summary>
    public LaneSwitch Switch { get; }

    /// <summary>Managed bytes that its thread allocated so far; packets add none.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>The mesh view in use.</summary>
    public MeshView View => _view;

    /// <summary>Bytes that wait in the queues of all peers.</summary>
    public long QueueBytes => _peers.Sum(peer => (long)(peer?.Queue.Bytes ?? 0));

    /// <summary>Packets that wait in them.</summary>
    public long QueuePackets => _peers.Sum(peer => (long)(peer?.Queue.Count ?? 0));

    /// <summary>Open streams of the connections in use.</summary>
    public long StreamCount => _peers.Sum(peer => (long)(peer?.Lane?.StreamCount ?? 0));

    /// <summary>
    /// Peers with their counters, for status. Any thread may read; a peer may be missing while it is being added.
    /// </summary>
    public IReadOnlyList<WorkerPeer?> Peers => Volatile.Read(ref _peers);

    /// <summary>Joins this worker to the others; before <see cref="Run"/>.</summary>
    public void Connect(HandoffPort handoff) => Switch.Connect(handoff);

    /// <summary>Moves packets until <paramref name="stop"/>.</summary>
    public void Run(CancellationToken stop)
    {
        Loop.Post(static state => ((Worker)state!).StartPump(), this);
        Loop.Run(stop);
    }

    /// <summary>Takes a new mesh view into use. Safe from every thread.</summary>
    public void Publish(MeshView view) => Loop.Post(_ => Apply(view), null);

    /// <summary>Takes over an established connection for its whole life. Safe from every thread.</summary>
    public void Adopt(LaneTicket ticket, TcpDetached detached, SecuredConnection secured) =>
        Loop.Post(_ => StartLane(ticket, detached, secured), null);

    /// <summary>Closes a connection that the reception no longer wants. Safe from every thread.</summary>
    public void CloseLane(LaneTicket ticket, ConnectionEvent reason) => Loop.Post(
        _ =>
        {
            if (_lanes.TryGetValue(ticket.Number, out Lane? lane))
            {
                lane.Close(reason);
            }
        },
        null);

    /// <summary>Tells every peer that its lane closes, and sends what waits. Safe from every thread.</summary>
    public Task DrainAsync()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                _drained = done;
                foreach (Lane lane in _lanes.Values.ToList())
                {
                    lane.Drain();
                }

                CompleteDrain();
            },
            null);
        return done.Task;
    }

    /// <summary>Measures the round trip to a peer by a probe. Safe from every thread.</summary>
    /// <returns>Round trip and the far end's queue delay; null if there is no lane, or the time is up.</returns>
    public Task<ProbeResult?> ProbeAsync(int peerIndex, TimeSpan timeout)
    {
        TaskCompletionSource<ProbeResult?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                if (PeerAt(peerIndex)?.Lane is { } lane)
                {
                    lane.Probes.Start(answer, timeout);
                }
                else
                {
                    answer.TrySetResult(null);
                }
            },
            null);
        return answer.Task;
    }

    /// <summary>Starts the libp2p connection of a lane.</summary>
    public Connection Attach(Lane lane, TcpConnection tcp, SecuredConnection secured)
    {
        // The peer may open the tunnel stream before this returns: its bytes can be here already.
        _attaching = lane;
        Connection connection = _host.Attach(tcp, secured, Multiaddr.FromTcp(tcp.RemoteEndPoint));
        _attaching = null;
        _lanesByConnection.Add(connection, lane);
        return connection;
    }

    /// <summary>Puts a peer on the list of those to send to at the end of the iteration.</summary>
    public void MarkReady(WorkerPeer peer)
    {
        if (!peer.IsReady)
        {
            peer.IsReady = true;
            _ready.Add(peer);
        }
    }

    /// <summary>Ends a packet on purpose.</summary>
    public void DropOut(Packet packet, DropReason reason, WorkerPeer? peer)
    {
        Ledger.DroppedOut(reason, peer?.Ledger);
        packet.Dispose();
    }

    /// <summary>The peer's Hello on a lane is here.</summary>
    public void HandleHello(Lane lane, Hello hello)
    {
        Switch.TakeIntoUse(lane);
        _laneEvents.Ready(lane.Ticket, hello);
    }

    /// <summary>The peer with that index; null if it left the mesh.</summary>
    public WorkerPeer? PeerAt(int index)
    {
        Debug.Assert(index >= 0);
        return index < _peers.Length ? _peers[index] : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lane lane in _lanes.Values.ToList())
        {
            lane.Abort();
        }

        foreach (WorkerPeer? peer in _peers)
        {
            peer?.Queue.Clear(DropReason.Stopping);
        }

        Tun.Dispose();
        Loop.Dispose();
    }

    private void StartPump() => _ = PumpTunAsync();

    private async Task PumpTunAsync()
    {
        try
        {
            while (true)
            {
                System.IO.Pipelines.ReadResult read = await Tun.Input.ReadAsync();
                if (read.IsCanceled || read.IsCompleted)
                {
                    return;
                }

                int count = Tun.Input.Take(_burst);
                Tun.Input.AdvanceTo(read.Buffer.End);
                RouteBurst(count);
                CountExhausted();
            }
        }
#pragma warning disable CA1031 // here the thread ends: without its TUN queue a worker would lose packets without a name
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.Error("tun_failed", ("tun", _options.TunName), ("cause", exception.Message));
            Loop.Post(static failure => ExceptionDispatchInfo.Throw((Exception)failure!), exception);
        }
    }

    private static PacketPool MakePool(DataplaneOptions options, StructuredLog log)
    {
        PacketPool pool = new((long)options.PoolMebibytes << 20);
        if (options.HugePages && !HugePages.TryAdvise(pool.Memory, out string? cause))
        {
            log.Warn("huge_pages_refused", ("cause", cause), ("remedy", "run without --huge-pages"));
        }

        return pool;
    }

    private void CountExhausted()
    {
        // These never had a slot: the reader drained them so that the kernel's queue does not stand.
        for (; _exhaustedCounted < Tun.Input.PoolExhausted; _exhaustedCounted++)
        {
            Ledger.Entered(0);
            Ledger.DroppedOut(DropReason.PoolExhausted, null);
        }
    }

    private void RouteBurst(int count)
    {
        // Invariant: [0, i) has a new owner or is disposed; [i, count) is ours. Nothing below throws.
        MeshView view = _view;
        for (int i = 0; i < count; i++)
        {
            Packet packet = _burst[i];
            _burst[i] = null!;
            Ledger.Entered(packet.Length);
            DropReason reason = _forwarder.Route(packet, view.Tables, out NextHop hop);
            if (reason != DropReason.None)
            {
                if (reason == DropReason.NoRoute)
                {
                    AnswerUnreachable(packet);
                }

                DropOut(packet, reason, null);
                continue;
            }

            Switch.Forward(packet, hop.PeerIndex);
        }
    }

    private void AnswerUnreachable(Packet packet)
    {
        if (_unreachable.TryBuild(Loop.Now, packet.Bytes, Pool, out Packet? answer))
        {
            Tun.Output.Write(answer);
            Tun.Output.Flush();
        }
    }

    private void EndIteration()
    {
        Switch.DrainHandoff();
        SendReady();
        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }

    private void SendReady()
    {
        if (_ready.Count == 0)
        {
            return;
        }

        _sending.AddRange(_ready);
        _ready.Clear();
        foreach (WorkerPeer peer in _sending)
        {
            peer.IsReady = false;
            peer.Lane?.Send(Loop.Now);
        }

        _sending.Clear();
    }

    private void Apply(MeshView view)
    {
        WorkerPeer?[] peers = new WorkerPeer?[view.IndexCount];
        for (int i = 0; i < _peers.Length; i++)
        {
            if (_peers[i] is not { } peer)
            {
                continue;
            }

            if (view.PeerAt(i) is { } info && info.Id.Equals(peer.Info.Id))
            {
                peer.Info = info;
                peers[i] = peer;
            }
            else
            {
                // The reception closes its lanes. Until then they bring nothing: the index may be another peer's from
                // now on.
                peer.IsRemoved = true;
                peer.Info.Holders.Remove(Index);
                peer.Queue.Clear(DropReason.PeerDown);
            }
        }

        foreach (PeerInfo info in view.Peers)
        {
            peers[info.Index] ??= new WorkerPeer(info, Ledger, Pool);
        }

        Volatile.Write(ref _peers, peers);
        _view = view;
    }

    private void StartLane(LaneTicket ticket, TcpDetached detached, SecuredConnection secured)
    {
        TcpConnection tcp = TcpConnection.Adopt(Loop, detached);
        if (PeerAt(ticket.Peer.Index) is not { } peer || !peer.Info.Id.Equals(ticket.Peer.Id))
        {
            secured.Dispose();
            tcp.Abort();
            tcp.Dispose();
            _laneEvents.Ended(ticket, ConnectionEvent.Removed, "the peer left the mesh document");
            return;
        }

        Lane lane = new(this, peer, ticket);
        _lanes.Add(ticket.Number, lane);
        _ = RunLaneAsync(lane, tcp, secured);
    }

    private async Task RunLaneAsync(Lane lane, TcpConnection tcp, SecuredConnection secured)
    {
        ConnectionEvent reason;
        string detail;
        try
        {
            (reason, detail) = await lane.RunAsync(tcp, secured);
        }
#pragma warning disable CA1031 // here a connection ends, whatever happened
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.Error("lane_failed", ("peer", lane.Peer.Info.Name), ("cause", exception));
            Receiver.EndOfBatch(lane.Peer); // what is borrowed from the connection's buffer goes before the buffer does
            tcp.Abort();
            tcp.Dispose();
            (reason, detail) = (ConnectionEvent.InternalError, exception.Message);
        }

        _lanes.Remove(lane.Ticket.Number);
        lane.Forget(_lanesByConnection);
        Switch.TakeOutOfUse(lane);
        _laneEvents.Ended(lane.Ticket, reason, detail);
        CompleteDrain();
    }

    private void CompleteDrain()
    {
        if (_lanes.Count == 0)
        {
            _drained?.TrySetResult();
        }
    }

    private static HelloFeatures FeaturesOf(IReadOnlyList<string> offloads) =>
        (offloads.Contains("csum") ? HelloFeatures.Checksum : HelloFeatures.None)
        | (offloads.Contains("tso4") ? HelloFeatures.Tcp : HelloFeatures.None)
        | (offloads.Contains("uso") ? HelloFeatures.Udp : HelloFeatures.None);

    private Lane? ConsumerFor(Connection connection)
    {
        Lane? lane = _lanesByConnection.GetValueOrDefault(connection) ?? _attaching;
        return lane is { Stream: null, Ticket.WeDialed: false } ? lane : null;
    }
}
