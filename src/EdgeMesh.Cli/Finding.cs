using System.Collections.Generic;

namespace EdgeMesh.Cli;

/// <summary>Something that is wrong.</summary>
/// <param name="Code">What kind of thing.</param>
/// <param name="Nodes">The nodes it is about; empty: the whole cluster.</param>
/// <param name="Problem">What was seen, and what it leads to.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record Finding(FindingCode Code, IReadOnlyList<string> Nodes, string Problem, string Remedy);
