namespace EdgeMesh.Forwarding.Routing;

/// <summary>An IPv4 prefix and its next hop.</summary>
/// <param name="Prefix">The addresses.</param>
/// <param name="NextHop">Who gets their packets; <see cref="NextHop.None"/> makes a hole in a shorter prefix.</param>
public readonly record struct Route4(Prefix4 Prefix, NextHop NextHop);
