using System;
using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Says yes so often a second, and a few times at once.</summary>
public sealed class TokenBucket
{
    private readonly TimeSpan _interval;
    private readonly int _burst;
    private Instant _emptySince; // the bucket holds one token per interval since then

    /// <summary>Makes a full bucket.</summary>
    /// <param name="perSecond">Tokens that come in a second, 1 to 1 000 000.</param>
    /// <param name="burst">Tokens that it holds.</param>
    public TokenBucket(int perSecond, int burst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _interval = TimeSpan.FromSeconds(1) / perSecond;
        _burst = burst;
        _emptySince = new Instant(long.MinValue / 2);
    }

    /// <summary>Takes a token.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryTake(Instant now)
    {
        Instant oldest = now + (_interval * -_burst);
        if (_emptySince < oldest)
        {
            _emptySince = oldest;
        }

        if (now < _emptySince + _interval)
        {
            return false;
        }

        _emptySince += _interval;
        return true;
    }
}
