using System;
using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Makes the fewest prefixes that cover some addresses and no other.</summary>
internal static class PrefixCover
{
    /// <summary>Covers addresses exactly.</summary>
    /// <param name="addresses">Each once; sorted here.</param>
    /// <returns>Prefixes that don't overlap, IPv4 first, by address.</returns>
    /// <remarks>
    /// In order, an address can only join its left neighbour, and what they make only the one left of that: a stack
    /// does it. Costs the sorting.
    /// </remarks>
    internal static List<IpPrefix> Of(PodAddress[] addresses)
    {
        Array.Sort(addresses, static (one, other) => one.CompareTo(other));
        var stack = new List<(PodAddress First, int Length)>();
        foreach (PodAddress address in addresses)
        {
            stack.Add((address, address.BitCount));
            while (stack.Count > 1 && AreHalves(stack[^2], stack[^1]))
            {
                (PodAddress first, int length) = stack[^2];
                stack.RemoveRange(stack.Count - 2, 2);
                stack.Add((first, length - 1));
            }
        }

        return stack.ConvertAll(static prefix => prefix.First.ToPrefix(prefix.Length));
    }

    private static bool AreHalves((PodAddress First, int Length) left, (PodAddress First, int Length) right) =>
        left.Length == right.Length
        && left.First.IsIpv6 == right.First.IsIpv6
        && left.First.Bits != right.First.Bits
        && left.First.First(left.Length - 1) == right.First.First(left.Length - 1);
}
