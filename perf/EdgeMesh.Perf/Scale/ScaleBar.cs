namespace EdgeMesh.Perf.Scale;

/// <summary>A figure of the simulation that the product is held to.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Test">The result it is of.</param>
/// <param name="Metric">Its metric there.</param>
/// <param name="AtMost">The bar, in the metric's unit; null: none.</param>
internal sealed record ScaleBar(string Name, string Test, string Metric, double? AtMost = null);
