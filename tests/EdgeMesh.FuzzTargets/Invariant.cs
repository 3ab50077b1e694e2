using System;

namespace EdgeMesh.FuzzTargets;

/// <summary>What must hold for every input; else the fuzzer has found something.</summary>
internal static class Invariant
{
    /// <summary>Throws unless the condition is true.</summary>
    public static void Holds(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Does not hold: {what}.");
        }
    }
}
