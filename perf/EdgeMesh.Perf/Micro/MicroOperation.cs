using System;

namespace EdgeMesh.Perf.Micro;

/// <summary>An operation of the packet path, done many times in one call.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Size">What it works on, for the report: packet bytes or prefixes.</param>
/// <param name="Operations">How often one call does it.</param>
/// <param name="Call">Does it; the result keeps the compiler from leaving it out.</param>
internal sealed record MicroOperation(string Name, string Size, int Operations, Func<int> Call);
