using System;
using System.Diagnostics;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>Where a packet goes next: nowhere, into our own TUN, or to a peer. Two bytes.</summary>
public readonly struct NextHop : IEquatable<NextHop>
{
    /// <summary>Largest index of a peer: 16 bits less two values, of which tables keep the first for "none".</summary>
    public const int PeerIndexMax = ushort.MaxValue - FirstPeer;

    private const ushort FirstPeer = 2;

    private readonly ushort _value;

    private NextHop(ushort value) => _value = value;

    /// <summary>No prefix covers the address, or the prefix was refused.</summary>
    public static NextHop None => default;

    /// <summary>Our own prefix: the packet leaves through the TUN.</summary>
    public static NextHop Local => new(1);

    /// <summary>Whether nobody gets the packet.</summary>
    public bool IsNone => _value == 0;

    /// <summary>Whether this node serves the address.</summary>
    public bool IsLocal => _value == 1;

    /// <summary>Whether a peer gets the packet.</summary>
    public bool IsPeer => _value >= FirstPeer;

    /// <summary>Index of the peer; only if <see cref="IsPeer"/>.</summary>
    public int PeerIndex
    {
        get
        {
            Debug.Assert(IsPeer);
            return _value - FirstPeer;
        }
    }

    internal ushort Value => _value;

    /// <summary>The peer with this index.</summary>
    /// <param name="index">0 to <see cref="PeerIndexMax"/>.</param>
    public static NextHop Peer(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, PeerIndexMax);
        return new NextHop((ushort)(index + FirstPeer));
    }

    internal static NextHop FromValue(ushort value) => new(value);

    /// <summary>Whether both name the same hop.</summary>
    public static bool operator ==(NextHop left, NextHop right) => left._value == right._value;

    /// <summary>Whether the hops differ.</summary>
    public static bool operator !=(NextHop left, NextHop right) => left._value != right._value;

    /// <summary>Whether this is the peer with that index; cheaper than making the hop.</summary>
    public bool IsPeerWith(int index) => _value == index + FirstPeer;

    /// <inheritdoc/>
    public bool Equals(NextHop other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NextHop other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value;

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "none" : IsLocal ? "local" : $"peer {PeerIndex}";
}
