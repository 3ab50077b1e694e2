using System;
using System.IO;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A stream could not be opened, or ended before its last byte.</summary>
public sealed class StreamException : IOException
{
    /// <summary>Says what ended the stream.</summary>
    public StreamException(StreamEnd end)
        : base(Describe(end)) => End = end;

    /// <summary>What ended the stream.</summary>
    public StreamEnd End { get; }

    private static string Describe(StreamEnd end) => end switch
    {
        StreamEnd.Reset => "The stream was reset by this side.",
        StreamEnd.RemoteReset => "The stream was reset by the peer.",
        StreamEnd.ProtocolRefused => "The peer does not support the protocol.",
        StreamEnd.NegotiationFailed => "The peer's protocol negotiation is malformed.",
        StreamEnd.NegotiationTimeout => "The protocol negotiation took too long.",
        StreamEnd.ConnectionEnded => "The connection ended.",
        _ => FormattableString.Invariant($"The stream ended: {end}."),
    };
}
