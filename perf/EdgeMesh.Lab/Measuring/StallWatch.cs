using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Lab.Measuring;

/// <summary>Finds the longest time in which a growing count did not grow.</summary>
public sealed class StallWatch : IAsyncDisposable
{
    private readonly Func<long> _count;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private TimeSpan _longest;

    /// <summary>Watches a count, from its first growth on.</summary>
    public StallWatch(Func<long> count)
    {
        _count = count;
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Ends the watch.</summary>
    /// <returns>The longest standstill, one that lasts until now among them; as precise as 5 ms.</returns>
    public async Task<TimeSpan> StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        return _longest;
    }

    /// <summary>Ends the watch.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        long last = _count();
        long since = 0;
        while (!_stop.IsCancellationRequested)
        {
            long now = _count();
            if (now != last)
            {
                if (since != 0 && Stopwatch.GetElapsedTime(since) > _longest)
                {
                    _longest = Stopwatch.GetElapsedTime(since);
                }

                since = Stopwatch.GetTimestamp();
                last = now;
            }

            await Task.Delay(5);
        }

        if (since != 0 && Stopwatch.GetElapsedTime(since) > _longest)
        {
            _longest = Stopwatch.GetElapsedTime(since);
        }
    }
}
