using System;

namespace EdgeMesh.SimulationTests.Simulation;

/// <summary>How a simulated byte stream behaves.</summary>
public sealed record SimulatedLinkOptions
{
    /// <summary>Time of a byte from end to end.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Random time on top.</summary>
    public TimeSpan JitterMax { get; init; } = TimeSpan.Zero;

    /// <summary>Largest piece that arrives at once; pieces are random up to this.</summary>
    public int PieceBytesMax { get; init; } = 65536;

    /// <summary>Bytes on the way before the writer has to wait.</summary>
    public int BufferBytes { get; init; } = 256 * 1024;
}
