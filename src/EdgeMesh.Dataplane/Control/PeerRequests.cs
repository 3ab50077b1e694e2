using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;

namespace EdgeMesh.Dataplane.Control;

/// <summary>The requests that do something with one peer. They run on any thread but a worker's.</summary>
internal sealed class PeerRequests(RunningNode node)
{
    /// <summary>A ping waits this long unless told otherwise.</summary>
    public static readonly TimeSpan PingTimeDefault = TimeSpan.FromSeconds(1);

    /// <summary>A new connection may take this long unless told otherwise: dials, a handshake and a proof.</summary>
    public static readonly TimeSpan ReconnectTimeDefault = TimeSpan.FromSeconds(10);

    /// <summary>Measures the round trip to a node or to the node of an overlay address.</summary>
    /// <exception cref="RequestRefusedException">There is no such node, or it does not answer.</exception>
    public async Task<PingReply> PingAsync(PingRequest ping, CancellationToken cancellation)
    {
        PeerInfo peer = FindTarget(ping.Target);
        TimeSpan timeout = TimeOf(
            ping.TimeoutMilliseconds, PingTimeDefault, ControlLimits.PingTimeoutMillisecondsMax);
        PathInfo path = await FindPathAsync(peer)
            ?? throw new RequestRefusedException(
                ErrorCode.Unreachable, $"no connection to {peer.Name}; 'edgemesh peers' shows why");
        ProbeResult? result = await node.Workers[path.Worker].ProbeAsync(peer.Index, timeout).WaitAsync(cancellation);
        return result is null
            ? throw new RequestRefusedException(
                ErrorCode.Unreachable, $"{peer.Name} did not answer within {timeout.TotalMilliseconds:0} ms")
            : new PingReply
            {
                Node = peer.Name,
                Path = PeerModel.LabelOf(path),
                Endpoint = PeerModel.EndpointOf(path),
                RttSeconds = result.RoundTrip.TotalSeconds,
                FarQueueSeconds = result.FarQueueDelay.TotalSeconds,
            };
    }

    /// <summary>Makes a new connection to a node and moves its packets there.</summary>
    /// <exception cref="RequestRefusedException">There is no such node, or no new connection in time.</exception>
    public async Task<Reconnected> ReconnectAsync(ReconnectRequest request, CancellationToken cancellation)
    {
        PeerInfo peer = FindNode(request.Node)
            ?? throw new RequestRefusedException(
                ErrorCode.NotFound,
                $"{request.Node} is no other node of the mesh; 'edgemesh peers' lists the nodes");
        TimeSpan timeout = TimeOf(
            request.TimeoutMilliseconds, ReconnectTimeDefault, ControlLimits.ReconnectTimeoutMillisecondsMax);
        PathInfo? before = await FindPathAsync(peer);
        long started = Stopwatch.GetTimestamp();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            await node.Links.ReconnectAsync(peer.Index, limit.Token);
        }
        catch (InvalidOperationException exception)
        {
            throw new RequestRefusedException(ErrorCode.Unreachable, $"{peer.Name}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RequestRefusedException(
                ErrorCode.Unreachable,
                $"{peer.Name}: no new connection carried packets within {timeout.TotalSeconds:0.###} s; the one in use "
                + "stays, and 'edgemesh peers' shows how it is");
        }

        PathInfo? after = await FindPathAsync(peer);
        return new Reconnected
        {
            Node = peer.Name,
            Path = PeerModel.LabelOf(after),
            Endpoint = PeerModel.EndpointOf(after),
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            ReplacedEndpoint = PeerModel.EndpointOf(before),
        };
    }

    private static TimeSpan TimeOf(uint milliseconds, TimeSpan unlessSaid, int millisecondsMax) =>
        milliseconds == 0 ? unlessSaid : TimeSpan.FromMilliseconds(Math.Min(milliseconds, millisecondsMax));

    private async Task<PathInfo?> FindPathAsync(PeerInfo peer) =>
        (await node.Links.ReportAsync()).FirstOrDefault(link => link.Peer.Index == peer.Index)?.Path;

    private PeerInfo? FindNode(string name) => node.Mesh.View.Peers.FirstOrDefault(
        peer => string.Equals(peer.Name, name, StringComparison.Ordinal));

    private PeerInfo FindTarget(string target)
    {
        if (FindNode(target) is { } named)
        {
            return named;
        }

        if (!IPAddress.TryParse(target, out IPAddress? address))
        {
            throw new RequestRefusedException(
                ErrorCode.NotFound,
                $"{target} is neither a node of the mesh nor an IP address; 'edgemesh peers' lists the nodes");
        }

        MeshView view = node.Mesh.View;
        NextHop hop = view.Lookup(address);
        if (hop.IsLocal)
        {
            throw new RequestRefusedException(
                ErrorCode.NotFound, $"{target} is a pod of this node: no tunnel leads to it");
        }

        return hop.IsPeer && view.PeerAt(hop.PeerIndex) is { } routed
            ? routed
            : throw new RequestRefusedException(
                ErrorCode.NotFound, $"no route to {target}; 'edgemesh routes' lists the prefixes of each node");
    }
}
