using System.Collections.Generic;
using System.Net;
using System;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Threads;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Paths;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What <c>edgemesh peers</c> shows.</summary>
internal static class PeersReport
{
    /// <summary>Every peer of the mesh, by name.</summary>
    public static async Task<Peers> BuildAsync(Composition parts)
    {
        Dictionary<string, MeshNode> nodes =
            parts.Mesh.Applied.Document.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        Peers peers = new();
        foreach (LinkReport link in (await parts.Links.ReportAsync())
            .OrderBy(link => link.Peer.Name, StringComparer.Ordinal))
        {
            peers.Peers_.Add(Build(parts, link, nodes.GetValueOrDefault(link.Peer.Name)));
        }

        return peers;
    }

    /// <summary>The word for a state.</summary>
    public static string LabelOf(LinkState state) => state switch
    {
        LinkState.Connected => "connected",
        LinkState.Warming => "warming",
        LinkState.Stalled => "stalled",
        LinkState.Connecting => "connecting",
        LinkState.Backoff => "backoff",
        _ => "no_address",
    };

    /// <summary>The word for a kind of path.</summary>
    public static string LabelOf(PathKind kind) => kind == PathKind.Direct ? "direct" : "relay";

    /// <summary>The far underlay endpoint of a path: address and port where it has them.</summary>
    public static string EndPointOf(PathInfo path) =>
        path.RemoteAddress.TryGetTcpEndPoint(out IPEndPoint? endPoint)
            ? endPoint.ToString()
            : path.RemoteAddress.ToString();

    private static Peer Build(Composition parts, LinkReport link, MeshNode? node)
    {
        Peer peer = new()
        {
            Name = link.Peer.Name,
            PeerId = link.Peer.Id.ToString(),
            State = LabelOf(link.State),
            Path = link.Path is null ? "" : LabelOf(link.Path.Kind),
            Endpoint = link.Path is null ? "" : EndPointOf(link.Path),
            Lanes = (uint)link.LaneCount,
            ConnectedSeconds = link.Connected.TotalSeconds,
            LastError = link.LastError,
            RttSeconds = link.RoundTrip.TotalSeconds,
        };
        peer.Prefixes.AddRange(node?.Prefixes ?? []);
        foreach (WorkerThread thread in parts.Workers)
        {
            WorkerPeer? seen = thread.Worker.Peers.ElementAtOrDefault(link.Peer.Index);
            if (seen is null || !seen.Info.Id.Equals(link.Peer.Id))
            {
                continue;
            }

            peer.PacketsSent += (ulong)seen.Ledger.SentPackets;
            peer.PacketsReceived += (ulong)seen.Ledger.ReceivedPackets;
            peer.BytesSent += (ulong)seen.Ledger.SentBytes;
            peer.BytesReceived += (ulong)seen.Ledger.ReceivedBytes;
            peer.PacketsDropped += (ulong)(seen.Ledger.DroppedOutPackets + seen.Ledger.DroppedInPackets);
            peer.QueueBytes += (ulong)seen.Queue.Bytes;
        }

        return peer;
    }
}
