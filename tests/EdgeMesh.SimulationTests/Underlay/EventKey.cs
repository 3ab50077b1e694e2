using System;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>When an event of the world happens; what happens at the same time is ordered by the seed.</summary>
/// <param name="Due">Nanoseconds.</param>
/// <param name="Lot">Drawn from the seed.</param>
/// <param name="Age">The order in which events were made.</param>
internal readonly record struct EventKey(long Due, uint Lot, long Age) : IComparable<EventKey>
{
    public static bool operator <(EventKey left, EventKey right) => left.CompareTo(right) < 0;

    public static bool operator >(EventKey left, EventKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventKey left, EventKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventKey left, EventKey right) => left.CompareTo(right) >= 0;

    public int CompareTo(EventKey other)
    {
        int order = Due.CompareTo(other.Due);
        order = order != 0 ? order : Lot.CompareTo(other.Lot);
        return order != 0 ? order : Age.CompareTo(other.Age);
    }
}
