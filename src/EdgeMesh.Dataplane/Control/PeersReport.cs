using System;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Reception;
using EdgeMesh.Dataplane.Workers;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What <c>edgemesh peers</c> shows.</summary>
internal static class PeersReport
{
    /// <summary>Every peer of the mesh, by name.</summary>
    public static async Task<Peers> BuildAsync(Composition parts)
    {
        Peers peers = new();
        foreach (LinkReport link in (await parts.Reception.ReportAsync())
            .OrderBy(link => link.Peer.Name, System.StringComparer.Ordinal))
        {
            peers.Peers_.Add(Build(parts, link));
        }

        return peers;
    }

    private static Peer Build(Composition parts, LinkReport link)
    {
        Peer peer = new()
        {
            Name = link.Peer.Name,
            PeerId = link.Peer.Id.ToString(),
            State = LabelOf(link.State),
            Path = link.Lane is null ? "" : "direct",
            Endpoint = link.Lane?.EndPoint.ToString() ?? "",
            Lanes = (uint)link.LaneCount,
            ConnectedSeconds = link.Connected.TotalSeconds,
            LastError = link.LastError,
        };
        peer.Prefixes.AddRange(link.Peer.Prefixes);
        foreach (Worker worker in parts.Workers)
        {
            WorkerPeer? seen = worker.Peers.ElementAtOrDefault(link.Peer.Index);
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
            if (seen.Lane is { } lane && lane.Probes.LastRoundTrip > TimeSpan.Zero)
            {
                peer.RttSeconds = lane.Probes.LastRoundTrip.TotalSeconds;
            }
        }

        return peer;
    }

    /// <summary>The word for a state.</summary>
    public static string LabelOf(LinkState state) => state switch
    {
        LinkState.Connected => "connected",
        LinkState.Connecting => "connecting",
        LinkState.Backoff => "backoff",
        _ => "no_address",
    };
}
