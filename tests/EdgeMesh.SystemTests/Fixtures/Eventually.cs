using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>Waits for what other processes bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer is yes.</summary>
    /// <returns>False if it never was within the time.</returns>
    public static async Task<bool> IsTrueAsync(Func<Task<bool>> question, TimeSpan timeout) =>
        await TimeUntilAsync(question, timeout) is not null;

    /// <summary>Asks until the answer is yes.</summary>
    /// <returns>How long that took; null if it never was within the time.</returns>
    public static async Task<TimeSpan?> TimeUntilAsync(Func<Task<bool>> question, TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        do
        {
            if (await question())
            {
                return clock.Elapsed;
            }

            await Task.Delay(Interval);
        }
        while (clock.Elapsed < timeout);
        return null;
    }
}
