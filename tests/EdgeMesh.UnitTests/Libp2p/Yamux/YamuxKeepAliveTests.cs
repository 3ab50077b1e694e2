using System;
using EdgeMesh.Libp2p.Yamux;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Yamux;

public sealed class YamuxKeepAliveTests
{
    private const long Second = 1_000_000_000;

    private readonly YamuxKeepAlive _keepAlive =
        new(now: Second, YamuxLimits.KeepAliveInterval, YamuxLimits.KeepAliveTimeout);

    [Fact]
    public void Pings_at_the_start_and_every_thirty_seconds()
    {
        long now = Second;
        for (int i = 0; i < 3; i++)
        {
            uint value = Ping(now);
            _keepAlive.HandlePong(now + 1000, value);
            Assert.Equal(now + (30 * Second), _keepAlive.NextTimeout);
            now = _keepAlive.NextTimeout;
        }
    }

    [Fact]
    public void A_silent_peer_is_gone_after_ten_seconds()
    {
        Ping(Second);
        Assert.Equal(11 * Second, _keepAlive.NextTimeout);
        Assert.True(_keepAlive.HandleTimeout((11 * Second) - 1, out _));
        Assert.False(_keepAlive.HandleTimeout(11 * Second, out _));
    }

    [Fact]
    public void A_peer_that_sends_but_does_not_answer_is_alive()
    {
        Ping(Second);
        _keepAlive.HandleReceived(5 * Second);
        Assert.True(_keepAlive.HandleTimeout(11 * Second, out uint? ping));
        Assert.Null(ping);
        Ping(31 * Second);
        Assert.False(_keepAlive.HandleTimeout(41 * Second, out _));
    }

    [Fact]
    public void While_the_ping_can_not_leave_nobody_is_blamed()
    {
        Assert.True(_keepAlive.HandleTimeout(Second, out uint? ping));
        Assert.NotNull(ping);
        Assert.Equal(long.MaxValue, _keepAlive.NextTimeout);
        _keepAlive.HandlePingLeft(20 * Second);
        Assert.Equal(30 * Second, _keepAlive.NextTimeout);
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
        _keepAlive.HandlePong((31 * Second) + 300, value);
        Assert.Equal(200, _keepAlive.RoundTripNanoseconds);
        _keepAlive.HandlePong((31 * Second) + 900, value);
        Assert.Equal(200, _keepAlive.RoundTripNanoseconds);
    }

    [Fact]
    public void An_interval_of_zero_never_pings()
    {
        var never = new YamuxKeepAlive(now: Second, TimeSpan.Zero, YamuxLimits.KeepAliveTimeout);
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
