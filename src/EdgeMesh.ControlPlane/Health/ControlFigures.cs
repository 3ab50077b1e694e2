using System.Threading;
using EdgeMesh.Metrics;

namespace EdgeMesh.ControlPlane.Health;

/// <summary>What the parts of <c>edgemesh-control run</c> count and have done once, for probes and metrics.</summary>
/// <remarks>Each part writes its own; scrapes read.</remarks>
internal sealed class ControlFigures
{
    private long _applied;
    private long _refused;
    private long _kernelPasses;
    private int _kernelProblems;

    /// <summary>Documents that the data plane took.</summary>
    internal long Applied => Interlocked.Read(ref _applied);

    /// <summary>Documents that it refused.</summary>
    internal long Refused => Interlocked.Read(ref _refused);

    /// <summary>Times that the kernel was compared with what it should be.</summary>
    internal long KernelPasses => Interlocked.Read(ref _kernelPasses);

    /// <summary>What could not be done in the last of them.</summary>
    internal int KernelProblems => Volatile.Read(ref _kernelProblems);

    /// <summary>What became of requests to the metrics endpoint.</summary>
    internal ScrapeCounts Scrapes { get; } = new();

    internal void CountApplied() => Interlocked.Increment(ref _applied);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountKernelPass(int problems)
    {
        Volatile.Write(ref _kernelProblems, problems);
        Interlocked.Increment(ref _kernelPasses);
    }
}
