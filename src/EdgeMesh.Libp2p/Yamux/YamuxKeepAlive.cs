using System;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Pings a peer that is silent, measures the round trip, and knows when the peer is gone.</summary>
/// <remarks>
/// Anything received after the ping counts as life: a peer that is busy sending megabytes answers late, but is there.
/// So does, for a while, whatever the transport heard of the far end: an answer may stand behind seconds of bytes on a
/// slow path, but their acknowledgements come. On an idle path there is nothing to acknowledge but our ping; so while
/// its answer is missing, the ping is repeated each interval, and a kernel that is there acknowledges that. A host
/// that vanished is given up after the timeout, a process that stands still after
/// <see cref="YamuxLimits.UnansweredMax"/>. The clock of an answer starts when the ping leaves, not while our own
/// output is blocked.
/// </remarks>
internal sealed class YamuxKeepAlive
{
    private readonly long _interval; // all times are nanoseconds
    private readonly long _timeout;
    private readonly long _silenceMax;
    private readonly long _measureInterval;
    private uint _value;
    private bool _isAsked; // a ping waits to leave
    private bool _isWaiting; // it left, and is not answered
    private long _leftAt;
    private long _repeatedAt; // when the ping that left was asked for last
    private long _lookAt; // while waiting: when to look whether an answer is overdue
    private long _receivedAt;
    private long _heardAt = long.MinValue;

    /// <summary>Pings at once, if at all.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isPatient">Leave it to the peer to ping first.</param>
    /// <param name="options">Intervals.</param>
    public YamuxKeepAlive(long now, bool isPatient, YamuxSessionOptions options)
    {
        _interval = Nanoseconds(options.KeepAliveInterval);
        _interval += isPatient ? _interval / YamuxLimits.PatienceDivisor : 0;
        _timeout = Nanoseconds(options.KeepAliveTimeout);
        _silenceMax = Math.Max(_timeout, Nanoseconds(YamuxLimits.UnansweredMax));
        _measureInterval = Math.Max(_interval, Nanoseconds(YamuxLimits.MeasureInterval));
        _receivedAt = now - _interval;
        _leftAt = now - _measureInterval;
    }

    /// <summary>Smoothed round trip as go-yamux does it, (old + new) / 2; 0 before the first answer.</summary>
    public long RoundTripNanoseconds { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called. What comes in meanwhile only makes it
    /// later.</summary>
    public long NextTimeout
    {
        get
        {
            if (_isWaiting)
            {
                return _lookAt;
            }

            if (_interval <= 0 || _isAsked)
            {
                return long.MaxValue;
            }

            return Math.Min(_receivedAt + _interval, _leftAt + _measureInterval);
        }
    }

    public void HandleReceived(long now) => _receivedAt = now;

    /// <summary>The transport heard something of the far end, if only an acknowledgement.</summary>
    public void HandleHeard(long at) => _heardAt = Math.Max(_heardAt, at);

    /// <summary>The ping was written to the output.</summary>
    public void HandlePingLeft(long now)
    {
        _isAsked = false;
        if (_isWaiting)
        {
            return; // it was repeated; the answer counts from the first
        }

        _isWaiting = true;
        _repeatedAt = now;
        _leftAt = now;
        _lookAt = now + Math.Min(_interval, _timeout); // once answered, the next one is due then
    }

    public void HandlePong(long now, uint value)
    {
        if (!_isWaiting || value != _value)
        {
            return;
        }

        _isWaiting = false;
        _receivedAt = _leftAt; // the next ping is an interval after this one, not after its answer

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
            return IsPeerThere(now, out ping);
        }

        _value = unchecked(_value + 1);
        _isAsked = true;
        ping = _value;
        return true;
    }

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private bool IsPeerThere(long now, out uint? ping)
    {
        ping = null;
        if (_receivedAt > _leftAt)
        {
            _lookAt = _leftAt + _timeout;
            _isWaiting = now < _lookAt; // after that its answer, should it come, measures nothing
            return true;
        }

        long heardAt = Math.Max(_leftAt, _heardAt);
        long goneAt = Math.Min(heardAt + _timeout, _leftAt + _silenceMax);
        if (now >= goneAt)
        {
            return false;
        }

        // Only a transport that hears acknowledgements learns something from a repetition.
        long repeatAt = _heardAt == long.MinValue ? long.MaxValue : Math.Max(heardAt, _repeatedAt) + _interval;
        if (now >= repeatAt)
        {
            _repeatedAt = now;
            repeatAt = now + _interval;
            _isAsked = true;
            ping = _value;
        }

        _lookAt = Math.Min(goneAt, repeatAt);
        return true;
    }
}
