using System;
using EdgeMesh.ControlChannel;

namespace EdgeMesh.Cli;

/// <summary>What <c>edgemesh ping</c> was asked for.</summary>
/// <param name="Target">An address of the overlay, or a node's name.</param>
/// <param name="Count">Probes; 0 goes on until interrupted.</param>
/// <param name="Interval">From one probe to the next; a slow answer delays the next probe.</param>
/// <param name="Timeout">How long to wait for an answer.</param>
/// <param name="Format">For whom.</param>
internal sealed record PingOptions(string Target, int Count, TimeSpan Interval, TimeSpan Timeout, OutputFormat Format)
{
    /// <summary>Probes unless told otherwise: a command in a script ends by itself.</summary>
    public const int CountDefault = 4;

    /// <summary>Most probes of one run.</summary>
    public const int CountMax = 1_000_000;

    /// <summary>Shortest interval, seconds: probes are for measuring, not for filling a link.</summary>
    public const double IntervalSecondsMin = 0.002;

    /// <summary>Longest interval, seconds.</summary>
    public const double IntervalSecondsMax = 3600;

    /// <summary>Shortest wait for an answer, seconds: the control channel counts milliseconds.</summary>
    public const double TimeoutSecondsMin = 0.001;

    /// <summary>Longest wait for an answer, seconds.</summary>
    public const double TimeoutSecondsMax = ControlLimits.PingTimeoutMillisecondsMax / 1000.0;
}
