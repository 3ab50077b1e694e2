using System;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Limits how often something is done: a burst at once, then at a steady rate (a token bucket).</summary>
/// <param name="burst">How many a full bucket holds; it is full at first.</param>
/// <param name="interval">After this time there is one more.</param>
internal sealed class TokenBucket(int burst, TimeSpan interval)
{
    private readonly long _interval = ConnectionTime.NanosecondsOf(interval);
    private long _fullAt = long.MinValue; // nanoseconds; each token taken moves it by an interval

    /// <summary>Takes as many as there are, at most those wanted.</summary>
    /// <returns>How many were taken.</returns>
    public int Take(long now, int wanted)
    {
        long missing = _fullAt <= now ? 0 : (_fullAt - now + _interval - 1) / _interval;
        int taken = (int)Math.Clamp(burst - missing, 0, wanted);
        _fullAt = Math.Max(_fullAt, now) + (taken * _interval);
        return taken;
    }

    /// <summary>When there is one, if there is none now.</summary>
    public long NextAt() => _fullAt - ((burst - 1) * _interval);
}
