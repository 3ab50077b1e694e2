using System;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Pings at the start and each interval, measures the round trip, and knows when the peer is gone.</summary>
/// <remarks>
/// Anything received after the ping counts as life: a peer that is busy sending megabytes answers late, but is there.
/// The clock of an answer starts when the ping leaves, not while our own output is blocked.
/// </remarks>
internal sealed class YamuxKeepAlive
{
    private readonly long _intervalNanoseconds;
    private readonly long _timeoutNanoseconds;
    private uint _value;
    private bool _isWaiting; // asked and left, not answered
    private long _leftAt;
    private long _receivedAt;

    /// <summary>Pings at once, if at all.</summary>
    /// <param name="now">The time.</param>
    /// <param name="interval">Zero or less: never ping.</param>
    /// <param name="timeout">How long an answer may take.</param>
    public YamuxKeepAlive(long now, TimeSpan interval, TimeSpan timeout)
    {
        _intervalNanoseconds = interval.Ticks * TimeSpan.NanosecondsPerTick;
        _timeoutNanoseconds = timeout.Ticks * TimeSpan.NanosecondsPerTick;
        _receivedAt = now;
        NextTimeout = interval > TimeSpan.Zero ? now : long.MaxValue;
    }

    /// <summary>Smoothed round trip as go-yamux does it, (old + new) / 2; 0 before the first answer.</summary>
    public long RoundTripNanoseconds { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public long NextTimeout { get; private set; }

    public void HandleReceived(long now) => _receivedAt = now;

    /// <summary>The ping was written to the output.</summary>
    public void HandlePingLeft(long now)
    {
        _isWaiting = true;
        _leftAt = now;
        NextTimeout = now + _timeoutNanoseconds;
    }

    public void HandlePong(long now, uint value)
    {
        if (!_isWaiting || value != _value)
        {
            return;
        }

        _isWaiting = false;
        NextTimeout = _leftAt + _intervalNanoseconds;

        // At least 1 ns: 0 says "never measured".
        long measured = Math.Max(1, now - _leftAt);
        RoundTripNanoseconds = RoundTripNanoseconds == 0 ? measured : (RoundTripNanoseconds + measured) / 2;
    }

    /// <summary>Does what is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="ping">The value of a ping to send, if there is one.</param>
    /// <returns>False: the peer is gone.</returns>
    public bool HandleTimeout(long now, out uint? ping)
    {
        ping = null;
        if (now < NextTimeout)
        {
            return true;
        }

        if (_isWaiting)
        {
            _isWaiting = false;
            NextTimeout = Math.Max(now, _leftAt + _intervalNanoseconds);
            return _receivedAt > _leftAt;
        }

        _value = unchecked(_value + 1);
        NextTimeout = long.MaxValue;
        ping = _value;
        return true;
    }
}
