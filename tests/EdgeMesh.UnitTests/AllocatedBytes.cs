using System;

namespace EdgeMesh.UnitTests;

/// <summary>What a piece of work allocates each time it runs.</summary>
internal static class AllocatedBytes
{
    private const int Rounds = 5;

    /// <summary>
    /// Bytes that this thread allocates in each of several runs: the least of them. The runtime books the unused rest
    /// of an allocation window to a thread when another test's collection falls into a run, so that one run alone now
    /// and then shows bytes that nobody asked for.
    /// </summary>
    public static long InEachRun(Action work)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
