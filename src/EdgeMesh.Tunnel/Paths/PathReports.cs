using System;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Paths;

/// <summary>
/// The way from workers to the links: what is reported on any thread is handled on one loop, in order.
/// </summary>
/// <param name="loop">The links' loop.</param>
public sealed class PathReports(Loop loop)
{
    private Action<PathReport>? _handle; // set before the first worker runs

    /// <summary>Says who handles the reports; once, before there are any.</summary>
    internal void HandleBy(Action<PathReport> handle) => _handle = handle;

    /// <summary>Reports something. Safe from every thread.</summary>
    internal void Add(PathReport report) => loop.Post(_ => _handle?.Invoke(report), null);
}
