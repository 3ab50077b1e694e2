using System;

namespace EdgeMesh.Metrics;

/// <summary>Limits of the metrics endpoint. Anybody who reaches its address may try them.</summary>
internal static class MetricsLimits
{
    /// <summary>Longest request, line and headers, bytes. Prometheus sends about 300, browsers up to 2 KiB.</summary>
    public const int RequestBytesMax = 8192;

    /// <summary>
    /// Connections served at once; one more is closed unanswered. Two Prometheus servers and some curls.
    /// </summary>
    public const int ConnectionsMax = 8;

    /// <summary>Backlog of the listening socket.</summary>
    public const int Backlog = 16;

    /// <summary>
    /// First size of a response buffer, bytes; a scrape with a dozen connection events is about 12 KiB.
    /// </summary>
    public const int ResponseBytesInitial = 16 * 1024;

    /// <summary>How long a whole request may take to arrive.</summary>
    public static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(5);

    /// <summary>How long a client may take to read the response; Prometheus' own default scrape timeout.</summary>
    public static readonly TimeSpan ResponseTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long we wait for the client's end after the response, so that a reset doesn't overtake it.
    /// </summary>
    public static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(1);
}
