using System.Runtime.InteropServices;
using EdgeMesh.Native;

namespace EdgeMesh.Traffic;

/// <summary>Sleep until a point of the monotonic clock, finer than a millisecond (clock_nanosleep(2)).</summary>
public static unsafe partial class PreciseSleep
{
    private const int ClockMonotonic = 1; // CLOCK_MONOTONIC, TIMER_ABSTIME of linux/time.h
    private const int AbsoluteTime = 1;
    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK of linux/prctl.h
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>
    /// Lets the kernel wake the calling thread at the time it asks for. By default it may do so 50 us later (prctl(2)).
    /// </summary>
    public static void SharpenThread() => _ = ProcessControl(SetTimerSlack, 1, 0, 0, 0);

    /// <summary>Sleeps; returns at once if the time is over.</summary>
    /// <param name="nanoseconds">Of CLOCK_MONOTONIC, which is what Stopwatch reads.</param>
    public static void Until(long nanoseconds)
    {
        // struct timespec: seconds, nanoseconds.
        long* time = stackalloc long[] { nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond };
        while (ClockNanosleep(ClockMonotonic, AbsoluteTime, time, null) == Errno.EINTR)
        {
            // A signal: its handler has run, the time has not come.
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ClockNanosleep(int clock, int flags, long* request, long* remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ProcessControl(int option, nint two, nint three, nint four, nint five);
}
