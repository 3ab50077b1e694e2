using System;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.ControlPlane;

/// <summary>Gives back to the machine what work has left behind.</summary>
/// <remarks>
/// A document of 100 000 prefixes leaves tens of megabytes of garbage once, and then nothing is allocated that would
/// have the collector look for it: on a small machine it is missing until the next large document. So it is looked
/// for now and then, if as much was allocated since the last time that it may be worth it. At rest nothing is done.
/// </remarks>
/// <param name="interval">At least so long between two collections.</param>
/// <param name="allocatedMin">Bytes allocated since the last one.</param>
internal sealed class MemoryReturn(TimeSpan interval, long allocatedMin)
{
    private long _collectedAt;

    /// <summary>For a node: some 40 ms of work with a large mesh, at most every 5 s.</summary>
    internal static MemoryReturn OfNode() => new(TimeSpan.FromSeconds(5), 8 * 1024 * 1024);

    /// <summary>For the controller, whose heap is ten times as large.</summary>
    internal static MemoryReturn OfController() => new(TimeSpan.FromSeconds(30), 32 * 1024 * 1024);

    /// <summary>Collects when it is worth it, until told to stop.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(interval, stop);
            TryCollect();
        }
    }

    /// <summary>Collects if enough was allocated since the last time.</summary>
    /// <returns>True if so.</returns>
    internal bool TryCollect()
    {
        if (GC.GetTotalAllocatedBytes() - _collectedAt < allocatedMin)
        {
            return false;
        }

        // Banned elsewhere for the packet path's sake: no packet passes through this process.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _collectedAt = GC.GetTotalAllocatedBytes();
        return true;
    }
}
