using System.Runtime.InteropServices;

namespace EdgeMesh.Tunnel.Paths;

/// <summary>What a <see cref="PathSet"/> wants done to a path.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">To which one.</param>
/// <param name="Ending">Why, if it ends.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PathOrder(PathOrderKind Kind, PathInfo Path, PathEnding Ending);
