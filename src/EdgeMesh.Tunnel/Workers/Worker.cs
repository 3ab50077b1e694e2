using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Workers;

/// <summary>
/// One loop with its packet device, its packet pool and its lanes; it shares nothing that it writes.
/// </summary>
/// <remarks>
/// One iteration of the loop: completions resume the pump of the device, which routes a burst of packets into the
/// queues of their peers, and the connections, which hand received packets to the device; then the worker takes in what
/// other workers handed over and lets every peer with waiting packets send. So batches form by themselves: what comes
/// in while the kernel is busy goes out together.
/// </remarks>
public sealed class Worker : IDisposable
{
    private readonly PacketDevice _device;
    private readonly StructuredLog _log;
    private readonly LaneParts _parts;
    private readonly LaneTable _lanes;
    private readonly PeerTable _peers;
    private readonly Outbound _outbound;

    /// <summary>Makes a worker on a loop; everything but what says otherwise belongs to that loop's thread.</summary>
    /// <param name="index">Which of the workers this is.</param>
    /// <param name="options">What the workers have in common.</param>
    /// <param name="loop">Its loop.</param>
    /// <param name="device">Its packet device, on <paramref name="pool"/>; disposed with the worker.</param>
    /// <param name="pool">Its packet memory.</param>
    /// <param name="host">Makes its connections; on <paramref name="loop"/>'s clock.</param>
    /// <param name="reports">Where it reports what happens to its paths.</param>
    /// <param name="log">Where it says what nobody expected.</param>
    public Worker(
        int index,
        WorkerOptions options,
        Loop loop,
        PacketDevice device,
        PacketPool pool,
        Host host,
        PathReports reports,
        StructuredLog log)
    {
        Index = index;
        Loop = loop;
        Pool = pool;
        _device = device;
        _log = log;
        LaneReceiver receiver = new(Ledger, device, pool);
        Hello hello = options.MakeHello(LaneReceiver.FeaturesOf(device.Offloads));
        _parts = new LaneParts(loop, pool, Ledger, receiver, new CapsuleBatch(), new SendList(), reports, hello)
        {
            UseChanged = HandleUseChanged,
        };
        _peers = new PeerTable(loop, Ledger, pool, index);
        _lanes = new LaneTable(host, _parts, log);

        _outbound = new Outbound(_parts, device, _peers, index, options.FlowSeedOf(index));
        loop.EndOfIteration = EndIteration;
    }

    /// <summary>Which of the workers this is.</summary>
    public int Index { get; }

    /// <summary>Its loop.</summary>
    public Loop Loop { get; }

    /// <summary>Its packet memory.</summary>
    public PacketPool Pool { get; }

    /// <summary>What became of its packets. Any thread may read.</summary>
    public PacketLedger Ledger { get; } = new();

    /// <summary>Managed bytes that its thread allocated so far; packets add none. Any thread may read.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Open streams of its connections, both sides'. Any thread may read.</summary>
    public int StreamCount => _lanes.StreamCount;

    /// <summary>Its peers; a place is empty while its index is free. Any thread may read.</summary>
    public IReadOnlyList<WorkerPeer?> Peers => _peers.All;

    /// <summary>Bytes that wait in the queues of all peers. Any thread may read.</summary>
    public long QueueBytes => _peers.All.Sum(peer => peer?.Queue.Bytes ?? 0);

    /// <summary>Packets that wait in them. Any thread may read.</summary>
    public long QueuePackets => _peers.All.Sum(peer => (long)(peer?.Queue.Count ?? 0));

    /// <summary>Whether something could be done now: the loop must not sleep then.</summary>
    internal bool HasWork => !_parts.SendList.IsEmpty;

    /// <summary>Joins the workers of a node, before any of them has a peer.</summary>
    public static void JoinAll(IReadOnlyList<Worker> workers)
    {
        if (workers.Count < 2)
        {
            return; // nobody else there
        }

        HandoverPort[] ports = HandoverPort.MakeAll([.. workers.Select(worker => worker.Loop)]);
        foreach (Worker worker in workers)
        {
            worker.Loop.Post(_ => worker._outbound.Join(ports[worker.Index]), null);
        }
    }

    /// <summary>Begins to move packets. Safe from every thread.</summary>
    /// <param name="failed">Called on the loop's thread if the device is gone.</param>
    public void Start(Action<Exception> failed) => Loop.Post(_ => _ = PumpAsync(failed), null);

    /// <summary>Takes a new mesh view into use. Safe from every thread.</summary>
    public void Publish(MeshView view) => Loop.Post(_ => Apply(view), null);

    /// <summary>Takes over an established connection for its whole life. Safe from every thread.</summary>
    internal void Adopt(PathInfo path, DetachedConnection detached, SecuredConnection secured) =>
        Loop.Post(_ => StartLane(path, detached, secured), null);

    /// <summary>Does what the links decided about a path of this worker. Safe from every thread.</summary>
    internal void Execute(PathOrder order) => Loop.Post(_ => _lanes.Execute(order), null);

    /// <summary>Tells every peer that its lane closes, and sends what waits. Safe from every thread.</summary>
    public Task DrainAsync()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                _outbound.Stop();
                _lanes.Drain(done);
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
                if (_peers.At(peerIndex)?.Lane is { } lane)
                {
                    lane.Probe(answer, timeout);
                }
                else
                {
                    answer.TrySetResult(null);
                }
            },
            null);
        return answer.Task;
    }

    /// <summary>Ends every connection and drops what waits, on the loop's thread.</summary>
    public void Dispose()
    {
        _lanes.Abort();
        _peers.Clear();
        _device.Dispose();
    }

    private async Task PumpAsync(Action<Exception> failed)
    {
        try
        {
            await _outbound.PumpAsync();
        }
#pragma warning disable CA1031 // without its device a worker would lose packets without a name: its owner ends
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.Error("device_failed", ("worker", Index), ("cause", exception.Message));
            failed(exception);
        }
    }

    private bool EndIteration()
    {
        _outbound.TakeIn();
        bool isWorkLeft = _parts.SendList.Run(Loop.Now);
        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        return isWorkLeft;
    }

    private void HandleUseChanged(Lane lane) => _outbound.HandleUseChanged(lane, _lanes.FindUsable(lane.Peer));

    private void Apply(MeshView view)
    {
        _peers.Apply(view);
        _parts.Receiver.Tables = view.Tables;
        _outbound.Apply(view.Tables);
    }

    private void StartLane(PathInfo path, DetachedConnection detached, SecuredConnection secured)
    {
        WorkerPeer? peer = _peers.At(path.Peer.Index);
        bool isOfMesh = peer is not null && peer.Info.Id.Equals(path.Peer.Id);
        if (isOfMesh && !_lanes.IsDraining)
        {
            _lanes.Adopt(path, peer!, detached, secured);
            return;
        }

        secured.Dispose();
        detached.Dispose();
        PathEnding ending = isOfMesh ? PathEnding.Closed : PathEnding.Removed;
        _parts.Reports.Add(new PathReport(
            PathReportKind.Ended, path, Ending: ending, Detail: PathEndings.SentenceOf(ending)));
    }
}
