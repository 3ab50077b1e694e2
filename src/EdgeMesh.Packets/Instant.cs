using System;

namespace EdgeMesh.Packets;

/// <summary>A point of monotonic time, nanoseconds since an origin that only this process knows.</summary>
/// <param name="Nanoseconds">Nanoseconds since the origin.</param>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>Later than every other instant: "no timeout".</summary>
    public static Instant Never { get; } = new(long.MaxValue);

    /// <summary>The time from <paramref name="earlier"/> to <paramref name="later"/>, 100 ns resolution.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier) =>
        new((later.Nanoseconds - earlier.Nanoseconds) / TimeSpan.NanosecondsPerTick);

    /// <summary>The instant <paramref name="duration"/> after <paramref name="instant"/>.</summary>
    public static Instant operator +(Instant instant, TimeSpan duration) =>
        new(instant.Nanoseconds + (duration.Ticks * TimeSpan.NanosecondsPerTick));

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(Instant left, Instant right) => left.Nanoseconds < right.Nanoseconds;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(Instant left, Instant right) => left.Nanoseconds > right.Nanoseconds;

    /// <summary>Whether <paramref name="left"/> does not come after <paramref name="right"/>.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Nanoseconds <= right.Nanoseconds;

    /// <summary>Whether <paramref name="left"/> does not come before <paramref name="right"/>.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Nanoseconds >= right.Nanoseconds;

    /// <summary>The difference, as a method for languages without operators.</summary>
    public static TimeSpan Subtract(Instant later, Instant earlier) => later - earlier;

    /// <summary>The sum, as a method for languages without operators.</summary>
    public static Instant Add(Instant instant, TimeSpan duration) => instant + duration;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);
}
