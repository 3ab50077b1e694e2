using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Model;

namespace EdgeMesh.Dataplane.Control;

/// <summary>What <c>edgemesh peers</c> shows.</summary>
internal static class PeersReport
{
    /// <summary>The message for the peers of this moment.</summary>
    public static Peers Build(IReadOnlyList<PeerModel> models)
    {
        Peers peers = new();
        peers.Peers_.AddRange(models.Select(Build));
        return peers;
    }

    private static Peer Build(PeerModel model)
    {
        Peer peer = new()
        {
            Name = model.Link.Peer.Name,
            PeerId = model.Link.Peer.Id.ToString(),
            State = model.State,
            Path = model.Path,
            PathDetail = model.PathDetail,
            Endpoint = model.Endpoint,
            Lanes = (uint)model.Link.LaneCount,
            RttSeconds = model.Link.RoundTrip.TotalSeconds,
            PacketsSent = (ulong)model.SentPackets,
            PacketsReceived = (ulong)model.ReceivedPackets,
            BytesSent = (ulong)model.SentBytes,
            BytesReceived = (ulong)model.ReceivedBytes,
            PacketsDropped = (ulong)model.DroppedPackets,
            QueueBytes = (ulong)model.QueueBytes,
            ConnectedSeconds = model.Link.Connected.TotalSeconds,
            LastError = model.Link.LastError,
            LastEnding = model.LastEnding,
        };
        peer.Prefixes.AddRange(model.Prefixes);
        return peer;
    }
}
