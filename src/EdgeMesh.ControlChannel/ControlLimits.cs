using System;

namespace EdgeMesh.ControlChannel;

/// <summary>Every limit of the control channel and of the documents it carries. Both ends enforce them.</summary>
public static class ControlLimits
{
    /// <summary>
    /// Longest message, bytes without its length. The largest one is the answer to a routes request: 100 000 IPv6
    /// prefixes with node names of 253 bytes are 28 MB; a document of as many prefixes on 10 000 nodes is 6 MB.
    /// </summary>
    public const int MessageBytesMax = 32 * 1024 * 1024;

    /// <summary>
    /// Bytes of a protobuf varint that can hold <see cref="MessageBytesMax"/> (7 bits each): longer ones are refused.
    /// </summary>
    public const int LengthBytesMax = 4;

    /// <summary>
    /// Receive buffer of an idle connection, bytes; grows only as bytes arrive and shrinks back afterwards.
    /// </summary>
    public const int ReceiveBytesInitial = 4096;

    /// <summary>Connections the server keeps at once: one control process, some command lines, some scrapers.</summary>
    public const int ConnectionsMax = 32;

    /// <summary>Backlog of the listening socket: callers beyond it try again.</summary>
    public const int Backlog = ConnectionsMax;

    /// <summary>
    /// Longest path of a Unix socket, bytes: <c>sun_path</c> of <c>struct sockaddr_un</c> less its terminating zero.
    /// </summary>
    public const int SocketPathBytesMax = 107;

    /// <summary>Longest wait a ping request may ask for, milliseconds.</summary>
    public const int PingTimeoutMillisecondsMax = 10_000;

    /// <summary>
    /// Longest wait a reconnect request may ask for, milliseconds: several dials with their handshakes.
    /// </summary>
    public const int ReconnectTimeoutMillisecondsMax = 60_000;

    /// <summary>Problems in a report of the control process, and pairs of sites as well; more are left out.</summary>
    public const int ReportLinesMax = 64;

    /// <summary>Longest text in a report, characters.</summary>
    public const int ReportCharsMax = 1024;

    /// <summary>Nodes of one mesh. Next hops are 16-bit indexes with some values kept for special meanings.</summary>
    public const int NodesMax = 16_384;

    /// <summary>Prefixes of all nodes together; the routing tables are built for 100 000.</summary>
    public const int PrefixesMax = 131_072;

    /// <summary>Entries of cloudCIDR and edgeCIDR together; each becomes a kernel route.</summary>
    public const int CidrsMax = 1024;

    /// <summary>Longest node name, bytes: a DNS subdomain name as Kubernetes requires (RFC 1123).</summary>
    public const int NodeNameBytesMax = 253;

    /// <summary>Underlay addresses of one node.</summary>
    public const int AddressesPerNodeMax = 16;

    /// <summary>Longest underlay multiaddr in text, bytes: a DNS name of 253 and the components around it.</summary>
    public const int AddressBytesMax = 512;

    /// <summary>
    /// Longest peer id as multihash, bytes: code, length and an identity digest of at most 42 bytes (libp2p peer ids).
    /// </summary>
    public const int PeerIdBytesMax = 44;

    /// <summary>How long one message may take to arrive or to leave once its first byte has.</summary>
    public static readonly TimeSpan MessageTimeout = TimeSpan.FromSeconds(10);

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte LengthFitsItsVarint = MessageBytesMax < 1 << (7 * LengthBytesMax) ? 0 : -1;
}
