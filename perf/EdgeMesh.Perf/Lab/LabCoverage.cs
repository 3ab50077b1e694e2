namespace EdgeMesh.Perf.Lab;

/// <summary>Which alternatives a test of the lab measures.</summary>
internal enum LabCoverage
{
    /// <summary>All.</summary>
    Everything,

    /// <summary>All but variants, which only show what an option costs, and the kernel's tunnel.</summary>
    Main,

    /// <summary>Plain routing and the product without a variant: for curves.</summary>
    PlainAndProduct,

    /// <summary>The product, with all its variants.</summary>
    Product,
}
