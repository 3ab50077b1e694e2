namespace EdgeMesh.ControlPlane.Sources;

/// <summary>Limits of mesh.yaml. What it describes is limited by <see cref="ControlChannel.ControlLimits"/>.</summary>
internal static class MeshFileLimits
{
    /// <summary>
    /// Longest file, bytes: 100 000 IPv6 prefixes of 45 bytes a line and 10 000 nodes around them are 7 MB.
    /// </summary>
    internal const int FileBytesMax = 16 * 1024 * 1024;

    /// <summary>Errors that are told at once; more only bury the first.</summary>
    internal const int ErrorsMax = 20;
}
