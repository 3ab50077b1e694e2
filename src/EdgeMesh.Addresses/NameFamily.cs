namespace EdgeMesh.Addresses;

/// <summary>Which addresses of a name an endpoint means.</summary>
public enum NameFamily
{
    /// <summary>All of them (<c>/dns</c>).</summary>
    Any,

    /// <summary>IPv4 only (<c>/dns4</c>, <c>/ip4</c>).</summary>
    V4,

    /// <summary>IPv6 only (<c>/dns6</c>, <c>/ip6</c>).</summary>
    V6,
}
