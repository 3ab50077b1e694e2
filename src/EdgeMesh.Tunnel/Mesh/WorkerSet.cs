using System.Diagnostics;
using System.Numerics;
using System.Threading;

namespace EdgeMesh.Tunnel.Mesh;

/// <summary>A set of this node's workers, one bit each.</summary>
/// <remarks>
/// Each worker writes its own bit; the others read one word per packet. A bit may be stale by the time it is used: the
/// worker that it named then looks here again.
/// </remarks>
public sealed class WorkerSet
{
    /// <summary>Most workers: bits of a word.</summary>
    internal const int WorkersMax = 64;

    private ulong _workers; // one bit each

    /// <summary>Whether a worker is in the set. Any thread.</summary>
    internal bool Has(int worker) => (Volatile.Read(ref _workers) & BitOf(worker)) != 0;

    /// <summary>Puts a worker in. That worker's thread only.</summary>
    internal void Add(int worker) => Interlocked.Or(ref _workers, BitOf(worker));

    /// <summary>Takes a worker out. That worker's thread only.</summary>
    internal void Remove(int worker) => Interlocked.And(ref _workers, ~BitOf(worker));

    /// <summary>
    /// Another worker of the set: the same one until the set changes, so that flows keep their order.
    /// </summary>
    /// <param name="self">The worker that asks; several that ask are spread over the set.</param>
    /// <param name="worker">Which one.</param>
    /// <returns>False if no other worker is in the set.</returns>
    internal bool TryPickOther(int self, out int worker)
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
        Debug.Assert(worker is >= 0 and < WorkersMax);
        return 1UL << worker;
    }
}
