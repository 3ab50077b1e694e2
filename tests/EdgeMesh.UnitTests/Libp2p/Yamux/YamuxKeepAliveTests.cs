using System;
using EdgeMesh.Libp2p.Yamux;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Yamux;

public sealed class YamuxKeepAliveTests
{
    private const long Second = 1_000_000_000;

    private static readonly YamuxSessionOptions TwoAndFour = new()
    {
        KeepAliveInterval = TimeSpan.FromSeconds(2),
        KeepAliveTimeout = TimeSpan.FromSeconds(4),
    };

    private readonly YamuxKeepAlive _keepAlive = new(now: Second, isPatient: false, TwoAndFour);

    [Fact]
    public void Pings_at_the_start_and_each_interval_of_silence()
    {
        long now = Second;
        for (int i = 0; i < 3; i++)
        {
            uint value = Ping(now);
            _keepAlive.HandleReceived(now + 1000);
            _keepAlive.HandlePong(now + 1000, value);
            Assert.Equal(now + (2 * Second), _keepAlive.NextTimeout);
            now = _keepAlive.NextTimeout;
        }
    }

    [Fact]
    public void No_ping_is_later_than_its_clock_sleeps()
    {
        // Whoever sleeps until NextTimeout, read when the ping left, is awake when the next ping is due.
        uint value = Ping(Second);
        long wake = _keepAlive.NextTimeout;
        _keepAlive.HandlePong(Second + 1000, value);
        Assert.True(wake <= _keepAlive.NextTimeout);
    }

    [Fact]
    public void A_silent_peer_is_gone_when_the_timeout_is_over()
    {
        Ping(Second);
        Assert.True(_keepAlive.HandleTimeout(3 * Second, out uint? ping));
        Assert.Null(ping);
        Assert.Equal(5 * Second, _keepAlive.NextTimeout);
        Assert.True(_keepAlive.HandleTimeout((5 * Second) - 1, out _));
        Assert.False(_keepAlive.HandleTimeout(5 * Second, out _));
    }

    [Fact]
    public void A_peer_that_sends_is_pinged_only_to_measure()
    {
        uint value = Ping(Second);
        _keepAlive.HandlePong(Second + 1000, value);
        for (long now = 2 * Second; now < 31 * Second; now += Second)
        {
            _keepAlive.HandleReceived(now);
            Assert.True(_keepAlive.HandleTimeout(now, out uint? early));
            Assert.Null(early);
        }

        Assert.Equal(31 * Second, _keepAlive.NextTimeout);
        Assert.NotEqual(value, Ping(31 * Second));
    }

    [Fact]
    public void A_peer_that_sends_but_does_not_answer_is_alive()
    {
        Ping(Second);
        _keepAlive.HandleReceived(3 * Second);
        Assert.True(_keepAlive.HandleTimeout(5 * Second, out uint? ping));
        Assert.Null(ping);
        Ping(5 * Second);
        _keepAlive.HandleTimeout(7 * Second, out _);
        Assert.False(_keepAlive.HandleTimeout(9 * Second, out _));
    }

    [Fact]
    public void A_peer_whose_kernel_is_heard_has_half_a_minute()
    {
        Ping(Second);
        for (long now = 3 * Second; now < 31 * Second; now += Second)
        {
            _keepAlive.HandleHeard(now);
            Assert.True(_keepAlive.HandleTimeout(now, out uint? ping), $"gone at {now / Second} s");
            Assert.Null(ping);
        }

        _keepAlive.HandleHeard(31 * Second);
        Assert.False(_keepAlive.HandleTimeout(31 * Second, out _));
    }

    [Fact]
    public void A_peer_whose_kernel_falls_silent_is_gone_when_the_timeout_is_over()
    {
        Ping(Second);
        _keepAlive.HandleTimeout(3 * Second, out _);
        _keepAlive.HandleHeard(4 * Second);
        Assert.True(_keepAlive.HandleTimeout(5 * Second, out _));

        // The ping is repeated, so that the kernel has something to acknowledge.
        Assert.Equal(6 * Second, _keepAlive.NextTimeout);
        Assert.True(_keepAlive.HandleTimeout(6 * Second, out uint? again));
        Assert.NotNull(again);
        _keepAlive.HandlePingLeft(6 * Second);
        Assert.Equal(8 * Second, _keepAlive.NextTimeout);
        Assert.False(_keepAlive.HandleTimeout(8 * Second, out _));
    }

    [Fact]
    public void A_process_that_stands_still_on_an_idle_path_has_half_a_minute()
    {
        // Its kernel acknowledges what we send, and nothing else is ever heard.
        uint first = Ping(Second);
        _keepAlive.HandleHeard(Second + 1000);
        int repeated = 0;
        long now = Second;
        while (true)
        {
            now = _keepAlive.NextTimeout;
            if (!_keepAlive.HandleTimeout(now, out uint? again))
            {
                break;
            }

            if (again is uint value)
            {
                Assert.Equal(first, value);
                repeated++;
                _keepAlive.HandlePingLeft(now + 1000);
                _keepAlive.HandleHeard(now + 2000);
            }
        }

        Assert.Equal(31 * Second, now);
        Assert.InRange(repeated, 13, 14);
    }

    [Fact]
    public void A_late_answer_ends_the_wait_and_measures_from_the_first_ping()
    {
        uint first = Ping(Second);
        _keepAlive.HandleHeard(Second + 1000);
        _keepAlive.HandleTimeout(3 * Second, out _);
        _keepAlive.HandleTimeout(_keepAlive.NextTimeout, out uint? again);
        Assert.Equal(first, again);
        _keepAlive.HandlePingLeft(3 * Second + 2000);
        _keepAlive.HandleReceived(4 * Second);
        _keepAlive.HandlePong(4 * Second, first);
        Assert.Equal(3 * Second, _keepAlive.RoundTripNanoseconds);
        _keepAlive.HandlePong(5 * Second, first);
        Assert.Equal(3 * Second, _keepAlive.RoundTripNanoseconds);
    }

    [Fact]
    public void While_the_ping_can_not_leave_nobody_is_blamed()
    {
        Assert.True(_keepAlive.HandleTimeout(Second, out uint? ping));
        Assert.NotNull(ping);
        Assert.Equal(long.MaxValue, _keepAlive.NextTimeout);
        Assert.True(_keepAlive.HandleTimeout(20 * Second, out _));
        _keepAlive.HandlePingLeft(20 * Second);
        _keepAlive.HandleTimeout(22 * Second, out _);
        Assert.Equal(24 * Second, _keepAlive.NextTimeout);
    }

    [Fact]
    public void The_round_trip_is_smoothed_and_wrong_answers_do_not_count()
    {
        uint value = Ping(Second);
        _keepAlive.HandlePong(Second + 5, value + 1);
        Assert.Equal(0, _keepAlive.RoundTripNanoseconds);
        _keepAlive.HandlePong(Second + 100, value);
        Assert.Equal(100, _keepAlive.RoundTripNanoseconds);
        value = Ping(_keepAlive.NextTimeout);
        _keepAlive.HandlePong((3 * Second) + 300, value);
        Assert.Equal(200, _keepAlive.RoundTripNanoseconds);
        _keepAlive.HandlePong((3 * Second) + 900, value);
        Assert.Equal(200, _keepAlive.RoundTripNanoseconds);
    }

    [Fact]
    public void An_interval_of_zero_never_pings()
    {
        var never = new YamuxKeepAlive(
            now: Second, isPatient: false, new YamuxSessionOptions { KeepAliveInterval = TimeSpan.Zero });
        Assert.Equal(long.MaxValue, never.NextTimeout);
        Assert.True(never.HandleTimeout(1000 * Second, out uint? ping));
        Assert.Null(ping);
    }

    private uint Ping(long now)
    {
        Assert.True(_keepAlive.HandleTimeout(now, out uint? ping));
        _keepAlive.HandlePingLeft(now);
        return Assert.NotNull(ping);
    }
}
