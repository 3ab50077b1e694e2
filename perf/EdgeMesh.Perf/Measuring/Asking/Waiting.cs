using System;
using System.Threading;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>Waits that an interrupt or a vanished server ends.</summary>
internal static class Waiting
{
    /// <summary>Waits until a time.</summary>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    /// <exception cref="PerfException">The server is gone.</exception>
    public static void Until(long nanos, CancellationToken stop, ClientSession? session = null)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (session?.IsInterrupted == true)
            {
                throw new PerfException(
                    "the server ended the session while it ran; see what it printed, and its --duration-max");
            }

            long look = MonotonicTime.Now + (StopFlag.LookMillis * MonotonicTime.Millisecond);
            PreciseSleep.Until(Math.Min(nanos, look));
            if (nanos <= look)
            {
                return;
            }
        }
    }

    /// <summary>Waits for a while.</summary>
    public static void For(TimeSpan duration) => PreciseSleep.Until(MonotonicTime.Now + MonotonicTime.Of(duration));
}
