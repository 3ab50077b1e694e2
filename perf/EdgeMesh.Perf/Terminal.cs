using System.IO;

namespace EdgeMesh.Perf;

/// <summary>Where a command writes.</summary>
/// <param name="Output">Results.</param>
/// <param name="Errors">Progress, and sentences about what went wrong.</param>
/// <param name="IsInteractive">Whether somebody watches the progress.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Errors, bool IsInteractive);
