using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>
/// A route of either version, in the order in which ranges are made: by start, then the longer inside.
/// </summary>
[SuppressMessage("Design", "MA0097", Justification = "Only sorted, never compared by hand.")]
internal readonly record struct RouteKey<TAddress>(TAddress Start, byte Length, ushort Hop)
    : IComparable<RouteKey<TAddress>>
    where TAddress : unmanaged, IBinaryInteger<TAddress>
{
    public bool IsSamePrefix(RouteKey<TAddress> other) => Length == other.Length && Start == other.Start;

    public int CompareTo(RouteKey<TAddress> other)
    {
        if (Start != other.Start)
        {
            return Start < other.Start ? -1 : 1;
        }

        return Length.CompareTo(other.Length);
    }
}
