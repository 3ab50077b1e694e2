using System.Diagnostics;
using System.Numerics;
using System.Threading;

namespace EdgeMesh.Dataplane.Mesh;

/// <summary>Which workers have a lane to one peer that takes packets now.</summary>
/// <remarks>
/// Each worker writes its own bit, when a lane comes or goes; a worker without a lane reads one word per packet. A bit
/// may be stale by the time it is used: the worker it named then looks here again.
/// </remarks>
internal sealed class LaneHolders
{
    private ulong _workers; // one bit each

    /// <summary>Whether a worker has a lane. Any thread.</summary>
    public bool Has(int worker) => (Volatile.Read(ref _workers) & BitOf(worker)) != 0;

    /// <summary>A worker has a lane from now on. That worker's thread only.</summary>
    public void Add(int worker) => Interlocked.Or(ref _workers, BitOf(worker));

    /// <summary>A worker has no lane any more. That worker's thread only.</summary>
    public void Remove(int worker) => Interlocked.And(ref _workers, ~BitOf(worker));

    /// <summary>Another worker that has a lane: the same one until a lane comes or goes, so that flows keep order.
    /// </summary>
    /// <param name="self">The worker that asks; several that ask are spread over those that have one.</param>
    /// <param name="worker">Which one.</param>
    /// <returns>False if no other worker has a lane.</returns>
    public bool TryPick(int self, out int worker)
    {
        ulong others = Volatile.Read(ref _workers) & ~BitOf(self);
        if (others == 0)
        {
            worker = -1;
            return false;
        }

        for (int skipped = self % BitOperations.PopCount(others); skipped > 0; skipped--)
        {
            others &= others - 1;
        }

        worker = BitOperations.TrailingZeroCount(others);
        return true;
    }

    private static ulong BitOf(int worker)
    {
        Debug.Assert(worker is >= 0 and < 64);
        return 1UL << worker;
    }
}
