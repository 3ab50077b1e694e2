using System;

namespace EdgeMesh.Kubernetes.Watching;

/// <summary>Waits that double with each failure, and differ by chance so that nodes don't come together.</summary>
/// <param name="min">The first wait, before chance.</param>
/// <param name="max">The longest.</param>
/// <param name="random">The chance.</param>
internal sealed class BackOff(TimeSpan min, TimeSpan max, Random random)
{
    private int _failures; // in a row, as far as they make the wait longer

    /// <summary>It worked: the next failure waits the first wait again.</summary>
    internal void Reset() => _failures = 0;

    /// <summary>How long to wait now.</summary>
    /// <param name="atLeast">What the server asked for, or null.</param>
    /// <returns>Between half of the wait and the whole.</returns>
    internal TimeSpan Next(TimeSpan? atLeast)
    {
        TimeSpan whole = min * Math.Pow(2, _failures);
        _failures += whole < max ? 1 : 0;
        TimeSpan wait = (whole < max ? whole : max) * (0.5 + (random.NextDouble() / 2));
        // A server's wish is honoured, but no wish keeps a node away for good.
        TimeSpan asked = atLeast ?? TimeSpan.Zero;
        TimeSpan longest = max * 4;
        return asked > longest ? longest : asked > wait ? asked : wait;
    }
}
