using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>Waits for what other processes bring about.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks until the answer is yes.</summary>
    /// <returns>False if it never was within the time.</returns>
    public static async Task<bool> IsTrueAsync(Func<Task<bool>> question, TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        while (!await question())
        {
            if (clock.Elapsed > timeout)
            {
                return false;
            }

            await Task.Delay(Interval);
        }

        return true;
    }
}
