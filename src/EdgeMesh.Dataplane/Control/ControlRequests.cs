using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;

namespace EdgeMesh.Dataplane.Control;

/// <summary>Answers the requests of the control channel. Runs on any thread but a worker's.</summary>
internal sealed class ControlRequests(Composition parts)
{
    /// <summary>A ping waits this long unless told otherwise.</summary>
    private static readonly TimeSpan PingTimeDefault = TimeSpan.FromSeconds(1);

    /// <summary>Answers one request.</summary>
    /// <exception cref="RequestRefusedException">It can't be met; code and sentence say why.</exception>
    public async ValueTask<Response> HandleAsync(Request request, CancellationToken cancellation) =>
        request.BodyCase switch
    {
        Request.BodyOneofCase.ApplySnapshot => Applied(parts.Mesh.Apply(request.ApplySnapshot)),
        Request.BodyOneofCase.ApplyDelta => Applied(parts.Mesh.Apply(request.ApplyDelta)),
        Request.BodyOneofCase.Status => new Response { Status = await StatusReport.BuildAsync(parts) },
        Request.BodyOneofCase.Peers => new Response { Peers = await PeersReport.BuildAsync(parts) },
        Request.BodyOneofCase.Routes => new Response { Routes = BuildRoutes(parts.Mesh.Applied, parts.Options.Node) },
        Request.BodyOneofCase.Drops => new Response { Drops = StatusReport.BuildDrops(parts) },
        Request.BodyOneofCase.Ping => new Response { Ping = await PingAsync(request.Ping, cancellation) },
        _ => throw new RequestRefusedException(
            ErrorCode.Unsupported, "this data plane does not know the request: update edgemesh-dataplane"),
    };

    private static Response Applied(MeshView view)
    {
        Applied applied = new() { Generation = view.Generation };
        applied.Conflicts.AddRange(view.Conflicts.Select(conflict => conflict.ToString()));
        return new Response { Applied = applied };
    }

    private static Routes BuildRoutes(AppliedMesh mesh, string own)
    {
        Routes routes = new();
        HashSet<string> refused = [.. mesh.View.Conflicts.Select(conflict => conflict.Prefix)];
        foreach (MeshNode node in mesh.Document.Nodes)
        {
            bool isLocal = string.Equals(node.Name, own, StringComparison.Ordinal);
            foreach (IpPrefix prefix in node.Prefixes)
            {
                bool isRefused = refused.Contains(IpPrefixes.Format(prefix));
                routes.Routes_.Add(
                    new Route { Prefix = prefix, Node = node.Name, Local = isLocal, Refused = isRefused });
            }
        }

        return routes;
    }

    private async Task<PingReply> PingAsync(PingRequest ping, CancellationToken cancellation)
    {
        PeerInfo peer = FindTarget(ping.Target);
        TimeSpan timeout = ping.TimeoutMilliseconds == 0
            ? PingTimeDefault
            : TimeSpan.FromMilliseconds(Math.Min(ping.TimeoutMilliseconds, ControlLimits.PingTimeoutMillisecondsMax));
        PathInfo path = (await parts.Links.ReportAsync()).FirstOrDefault(link => link.Peer.Index == peer.Index)?.Path
            ?? throw new RequestRefusedException(
                ErrorCode.Unreachable, $"no connection to {peer.Name}; 'edgemesh peers' shows why");
        ProbeResult? result =
            await parts.Workers[path.Worker].Worker.ProbeAsync(peer.Index, timeout).WaitAsync(cancellation);
        return result is null
            ? throw new RequestRefusedException(
                ErrorCode.Unreachable, $"{peer.Name} did not answer within {timeout.TotalMilliseconds:0} ms")
            : new PingReply
            {
                Node = peer.Name,
                Path = PeersReport.LabelOf(path.Kind),
                Endpoint = PeersReport.EndPointOf(path),
                RttSeconds = result.RoundTrip.TotalSeconds,
                FarQueueSeconds = result.FarQueueDelay.TotalSeconds,
            };
    }

    private PeerInfo FindTarget(string target)
    {
        MeshView view = parts.Mesh.View;
        if (view.Peers.FirstOrDefault(peer => string.Equals(peer.Name, target, StringComparison.Ordinal)) is { } named)
        {
            return named;
        }

        if (!IPAddress.TryParse(target, out IPAddress? address))
        {
            throw new RequestRefusedException(
                ErrorCode.NotFound,
                $"{target} is neither a node of the mesh nor an IP address; 'edgemesh peers' lists the nodes");
        }

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
