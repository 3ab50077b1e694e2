using System;

namespace EdgeMesh.Libp2p.Identify;

/// <summary>Sizes, counts and times of identify. Bytes, unless the name says otherwise.</summary>
public static class IdentifyLimits
{
    /// <summary>One message (go-libp2p: 8 KiB).</summary>
    public const int MessageBytesMax = 8 * 1024;

    /// <summary>Messages of one stream, merged (go-libp2p: 10).</summary>
    public const int MessagesMax = 10;

    /// <summary>What one side says in all.</summary>
    public const int StreamBytesMax = MessagesMax * (MessageBytesMax + 2);

    /// <summary>Addresses, and protocols, that one side names; go, js and rust name some dozens at most.</summary>
    public const int NamedMax = 256;

    /// <summary>Streams for identify and its pushes that a peer may open at once; more are reset.</summary>
    public const int Burst = 32;

    /// <summary>After a burst, so often one more: an honest peer asks once and pushes when something changes.
    /// </summary>
    public static readonly TimeSpan StreamInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long one exchange may take (go-libp2p: 60 s).</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
}
