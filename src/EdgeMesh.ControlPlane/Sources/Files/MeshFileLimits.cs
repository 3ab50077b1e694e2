using EdgeMesh.ControlPlane.DesiredState;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Limits of mesh.yaml. What it describes is limited by <see cref="ControlChannel.ControlLimits"/>.</summary>
internal static class MeshFileLimits
{
    /// <summary>
    /// Longest file, bytes: 100 000 IPv6 prefixes of 45 bytes a line and 10 000 nodes around them are 7 MB.
    /// </summary>
    internal const int FileBytesMax = 16 * 1024 * 1024;

    /// <summary>Errors that are told at once.</summary>
    internal const int ErrorsMax = MeshRules.FindingsMax;

    /// <summary>Greatest generation: 2^53 - 1, the greatest whole number that every JSON reader keeps exact.</summary>
    internal const ulong GenerationMax = (1ul << 53) - 1;
}
