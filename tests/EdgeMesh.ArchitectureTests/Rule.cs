using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>Tells all violations of a rule at once, and what to do about them.</summary>
internal static class Rule
{
    /// <summary>Fails if there is any violation.</summary>
    public static void Empty<T>(IEnumerable<T> violations, string remedy)
    {
        string[] found = [.. violations.Select(violation => $"  {violation}")];
        if (found.Length > 0)
        {
            Assert.Fail($"{remedy}:\n{string.Join('\n', found)}");
        }
    }
}
