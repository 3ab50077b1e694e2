using System;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>How one direction between two hosts behaves.</summary>
public sealed record PathConditions
{
    /// <summary>Bytes a second that leave, all connections of the direction together.</summary>
    public long BytesPerSecond { get; init; } = 125_000_000;

    /// <summary>Time of a byte from end to end.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Random time on top, per piece; the stream keeps its order.</summary>
    public TimeSpan JitterMax { get; init; } = TimeSpan.Zero;

    /// <summary>Time of a byte there and back, at most, if nothing is lost.</summary>
    public TimeSpan RoundTripMax => 2 * (Delay + JitterMax);

    /// <summary>Share of pieces that are lost: they are sent again, so a loss shows as a delay.</summary>
    public double Loss { get; init; }

    /// <summary>Largest piece that leaves at once; pieces are random up to this.</summary>
    public int PieceBytesMax { get; init; } = 65536;
}
