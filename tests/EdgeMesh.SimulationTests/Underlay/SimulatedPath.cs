using System;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>One direction between two hosts, shared by all their connections.</summary>
public sealed class SimulatedPath
{
    private readonly Random _random;
    private Instant _lineFreeAt;

    internal SimulatedPath(Random random, PathConditions conditions)
    {
        _random = random;
        Conditions = conditions;
    }

    /// <summary>May change at any time; what is on the way keeps its time.</summary>
    public PathConditions Conditions { get; set; }

    /// <summary>Nothing passes, and nobody is told: a cable that was pulled, a firewall that swallows.</summary>
    public bool IsCut { get; set; }

    /// <summary>No dial passes, established connections do: a NAT.</summary>
    public bool BlocksDials { get; set; }

    /// <summary>Nothing arrives before that time; then all of it does.</summary>
    public Instant StalledUntil { get; set; }

    /// <summary>When the line takes the next piece.</summary>
    internal Instant LineFreeAt => _lineFreeAt;

    /// <summary>Puts a piece on the line.</summary>
    /// <returns>When it arrives, were it alone; a lost one arrives when it was sent again.</returns>
    internal Instant Send(Instant now, int bytes)
    {
        Instant begin = now > _lineFreeAt ? now : _lineFreeAt;
        _lineFreeAt = new Instant(begin.Nanoseconds + (bytes * 1_000_000_000L / Conditions.BytesPerSecond));
        Instant arrival = new(_lineFreeAt.Nanoseconds + DelayNanoseconds());
        TimeSpan again = SocketLimits.RetransmissionMin;
        while (Conditions.Loss > 0 && _random.NextDouble() < Conditions.Loss && again < SocketLimits.RetransmissionMax)
        {
            arrival += again;
            again *= 2;
        }

        return arrival;
    }

    /// <summary>When a packet without bytes arrives that leaves now: an acknowledgement, a probe, a reset.</summary>
    internal Instant SendControl(Instant now)
    {
        Instant arrival = new(now.Nanoseconds + DelayNanoseconds());
        return arrival > StalledUntil ? arrival : StalledUntil;
    }

    private long DelayNanoseconds() => (Conditions.Delay.Ticks * TimeSpan.NanosecondsPerTick)
        + (long)(_random.NextDouble() * Conditions.JitterMax.Ticks * TimeSpan.NanosecondsPerTick);
}
