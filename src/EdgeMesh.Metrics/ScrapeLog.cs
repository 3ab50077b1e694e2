using System;
using System.Net;
using System.Threading;
using EdgeMesh.Logging;

namespace EdgeMesh.Metrics;

/// <summary>Counts what became of scrapes, and says what went wrong, each outcome once in a while.</summary>
/// <remarks>
/// Anybody who reaches the endpoint can cause these lines, so there is at most one of each outcome per
/// <see cref="LineInterval"/>; it says how many like it were not written. Safe from every thread.
/// </remarks>
/// <param name="counts">Where they are counted.</param>
/// <param name="log">Where lines go.</param>
/// <param name="time">Tells when a line may follow; the system's unless said.</param>
public sealed class ScrapeLog(ScrapeCounts counts, StructuredLog log, TimeProvider? time = null)
{
    /// <summary>Least time between two lines of the same outcome.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private static readonly int Outcomes = Enum.GetValues<ScrapeOutcome>().Length;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly long?[] _writtenAt = new long?[Outcomes]; // under the lock, as the next one
    private readonly long[] _notWritten = new long[Outcomes];

    /// <summary>Counts one; says it if it is a fault and its turn.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="from">Who asked, where that is known.</param>
    /// <param name="cause">Why it went wrong, in words.</param>
    public void Add(ScrapeOutcome outcome, EndPoint? from, string cause)
    {
        counts.Add(outcome);
        if (outcome == ScrapeOutcome.Served || !IsTurnOf((int)outcome, out long notWritten))
        {
            return;
        }

        string name = "scrape_" + ScrapeCounts.LabelOf(outcome);
        (string, object?)[] fields = [("from", from), ("cause", cause), ("not_written", notWritten)];
        if (outcome == ScrapeOutcome.Failed)
        {
            log.Error(name, fields);
        }
        else
        {
            log.Warn(name, fields);
        }
    }

    private bool IsTurnOf(int outcome, out long notWritten)
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            notWritten = _notWritten[outcome];
            if (_writtenAt[outcome] is { } before && _time.GetElapsedTime(before, now) < LineInterval)
            {
                _notWritten[outcome]++;
                return false;
            }

            _writtenAt[outcome] = now;
            _notWritten[outcome] = 0;
            return true;
        }
    }
}
