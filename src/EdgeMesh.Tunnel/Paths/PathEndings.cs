using System;
using System.Linq;
using System.Text.Json;

namespace EdgeMesh.Tunnel.Paths;

/// <summary>Each <see cref="PathEnding"/>'s label and sentence, for metrics, logs and the operator.</summary>
public static class PathEndings
{
    private static readonly string[] Labels =
        [.. Enum.GetNames<PathEnding>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>How many there are.</summary>
    public static int Count => Labels.Length;

    /// <summary>The label in metrics and logs: the name in snake_case.</summary>
    public static string LabelOf(PathEnding ending) => Labels[(int)ending];

    /// <summary>What happened, in one sentence.</summary>
    public static string SentenceOf(PathEnding ending) => ending switch
    {
        PathEnding.Replaced => "another connection to the peer took its place",
        PathEnding.PeerRestarted => "the peer's data plane started again",
        PathEnding.Removed => "the peer left the mesh document",
        PathEnding.Closed => "this data plane stops",
        PathEnding.RemoteClosed => "the peer closed the connection",
        PathEnding.Refused =>
            "the peer ended it before a packet passed: it does not know this node yet, or has another connection",
        PathEnding.KeepAliveTimeout => "neither the peer nor its kernel answered any more",
        PathEnding.Unanswered => "it did not answer while another connection to the peer did",
        PathEnding.ProtocolError => "the peer broke a protocol",
        PathEnding.RemoteError => "the peer ended the connection because of an error",
        PathEnding.InternalError => "a fault of this data plane ended it; see its log",
        _ => "the network broke the connection",
    };
}
