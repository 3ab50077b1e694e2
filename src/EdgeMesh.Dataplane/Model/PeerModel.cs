using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;

namespace EdgeMesh.Dataplane.Model;

/// <summary>The figures of one peer at one moment, summed over the workers.</summary>
/// <remarks>They begin at zero when the peer enters the mesh, also when it comes again.</remarks>
internal sealed record PeerModel
{
    /// <summary>Its link, as the links see it.</summary>
    public required LinkReport Link { get; init; }

    /// <summary>Its prefixes.</summary>
    public IReadOnlyList<IpPrefix> Prefixes { get; init; } = [];

    /// <summary>Packets that its connections took.</summary>
    public long SentPackets { get; init; }

    /// <summary>Their bytes.</summary>
    public long SentBytes { get; init; }

    /// <summary>Packets that came from it.</summary>
    public long ReceivedPackets { get; init; }

    /// <summary>Their bytes.</summary>
    public long ReceivedBytes { get; init; }

    /// <summary>Packets to it and from it that were dropped.</summary>
    public long DroppedPackets { get; init; }

    /// <summary>Bytes that wait for it.</summary>
    public long QueueBytes { get; init; }

    /// <summary>The word for its link's state.</summary>
    public string State => LabelOf(Link.State);

    /// <summary>The word for the kind of path in use; empty if there is none.</summary>
    public string Path => LabelOf(Link.Path);

    /// <summary>How the path came to be: dialed or accepted; empty if there is none.</summary>
    public string PathDetail => Link.Path is null ? "" : Link.Path.WeDialed ? "dialed" : "accepted";

    /// <summary>Far endpoint of the path in use; empty if there is none.</summary>
    public string Endpoint => EndpointOf(Link.Path);

    /// <summary>The word for how the last connection ended; empty if none did.</summary>
    public string LastEnding => Link.LastEnding is { } ending ? PathEndings.LabelOf(ending) : "";

    /// <summary>Reads every peer of the mesh, by name. Asks the links' thread; any other thread may call.</summary>
    public static async Task<IReadOnlyList<PeerModel>> AllOfAsync(RunningNode node)
    {
        IReadOnlyList<LinkReport> links = await node.Links.ReportAsync();
        Dictionary<string, MeshNode> nodes =
            node.Mesh.Applied.Document.Nodes.ToDictionary(each => each.Name, StringComparer.Ordinal);
        return
        [
            .. links.OrderBy(link => link.Peer.Name, StringComparer.Ordinal)
                .Select(link => Of(node.Workers, link, nodes.GetValueOrDefault(link.Peer.Name))),
        ];
    }

    /// <summary>The word for a state.</summary>
    public static string LabelOf(LinkState state) => state switch
    {
        LinkState.Connected => "connected",
        LinkState.Stalled => "stalled",
        LinkState.Warming => "warming",
        LinkState.Connecting => "connecting",
        LinkState.Backoff => "backoff",
        LinkState.NoAddress => "no_address",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "a state without a word"),
    };

    /// <summary>The word for the kind of a path; empty if there is none.</summary>
    public static string LabelOf(PathInfo? path) => path?.Kind switch
    {
        null => "",
        PathKind.Direct => "direct",
        _ => "relay",
    };

    /// <summary>The far endpoint of a path: address and port where it has them; empty if there is no path.</summary>
    public static string EndpointOf(PathInfo? path) =>
        path?.RemoteAddress.TryGetTcpEndPoint(out IPEndPoint? endPoint) == true
            ? endPoint.ToString()
            : path?.RemoteAddress.ToString() ?? "";

    private static PeerModel Of(IReadOnlyList<Worker> workers, LinkReport link, MeshNode? node)
    {
        List<WorkerPeer> seen =
        [
            .. workers.Select(worker => worker.Peers.ElementAtOrDefault(link.Peer.Index))
                .OfType<WorkerPeer>().Where(peer => peer.Info.Id.Equals(link.Peer.Id)),
        ];
        return new PeerModel
        {
            Link = link,
            Prefixes = node?.Prefixes ?? [],
            SentPackets = seen.Sum(peer => peer.Ledger.SentPackets),
            SentBytes = seen.Sum(peer => peer.Ledger.SentBytes),
            ReceivedPackets = seen.Sum(peer => peer.Ledger.ReceivedPackets),
            ReceivedBytes = seen.Sum(peer => peer.Ledger.ReceivedBytes),
            DroppedPackets = seen.Sum(peer => peer.Ledger.DroppedOutPackets + peer.Ledger.DroppedInPackets),
            QueueBytes = seen.Sum(peer => peer.Queue.Bytes),
        };
    }
}
