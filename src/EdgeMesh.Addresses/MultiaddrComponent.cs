namespace EdgeMesh.Addresses;

/// <summary>One part of an address.</summary>
/// <param name="Protocol">Which protocol.</param>
/// <param name="Value">Its value as text, canonical; empty if it has none.</param>
public readonly record struct MultiaddrComponent(MultiaddrProtocol Protocol, string Value);
