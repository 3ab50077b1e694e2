namespace EdgeMesh.Addresses;

/// <summary>What <see cref="UnsignedVarint.TryRead"/> found.</summary>
public enum VarintResult
{
    /// <summary>A whole number.</summary>
    Good,

    /// <summary>The bytes end within the number.</summary>
    Incomplete,

    /// <summary>Too long, or longer than it need be.</summary>
    Malformed,
}
