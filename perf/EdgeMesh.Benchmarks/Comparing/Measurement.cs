namespace EdgeMesh.Benchmarks.Comparing;

/// <summary>One benchmark's outcome.</summary>
/// <param name="Name">Type, method and parameters.</param>
/// <param name="Nanoseconds">Mean of one operation.</param>
/// <param name="ErrorNanoseconds">Standard error of the mean.</param>
/// <param name="AllocatedBytes">Managed bytes an operation allocates.</param>
public sealed record Measurement(string Name, double Nanoseconds, double ErrorNanoseconds, long AllocatedBytes);
