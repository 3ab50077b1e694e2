using System;

namespace EdgeMesh.Traffic;

/// <summary>
/// When each packet is meant to leave: at a constant rate from a start, whatever happened to those before.
/// </summary>
/// <remarks>
/// Late packets leave at once, one after the other, and keep their intended time: delays are counted from it, so that
/// a stall is seen by every packet that was meant to leave during it (no coordinated omission).
/// </remarks>
public sealed class Pacer(long startNanos, double perSecond)
{
    private readonly double _gapNanos = MonotonicTime.Second / perSecond;

    /// <summary>When a packet is meant to leave.</summary>
    public long IntendedNanos(long sequence) => startNanos + (long)(sequence * _gapNanos);

    /// <summary>How many packets are meant to have left before a time.</summary>
    public long DueBefore(long nanos)
    {
        if (nanos <= startNanos)
        {
            return 0;
        }

        // The quotient is rounded: the packet's own time decides.
        long count = (long)((nanos - startNanos) / _gapNanos);
        while (IntendedNanos(count) < nanos)
        {
            count++;
        }

        while (count > 0 && IntendedNanos(count - 1) >= nanos)
        {
            count--;
        }

        return count;
    }

    /// <summary>Sleeps until a packet is meant to leave, or for long enough to look at a stop flag.</summary>
    /// <returns>Whether the time has come.</returns>
    public static bool Wait(long intendedNanos)
    {
        long now = MonotonicTime.Now;
        if (now >= intendedNanos)
        {
            return true;
        }

        long look = now + (StopFlag.LookMillis * MonotonicTime.Millisecond);
        PreciseSleep.Until(Math.Min(intendedNanos, look));
        return intendedNanos <= look;
    }
}
