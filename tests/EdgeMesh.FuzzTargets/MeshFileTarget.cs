using System;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlPlane.Sources;

namespace EdgeMesh.FuzzTargets;

/// <summary>mesh.yaml.</summary>
public static class MeshFileTarget
{
    /// <summary>Reads a file.</summary>
    /// <param name="bytes">Its bytes.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        MeshFileResult result = MeshFileParser.Parse(bytes, "cloud-1");
        if (result.Document is null == (result.Errors.Count == 0))
        {
            throw new InvalidOperationException("a file is either taken or faulty");
        }

        if (result.Document is not null && MeshDocuments.Validate(result.Document) is string problem)
        {
            throw new InvalidOperationException($"what was taken breaks a rule: {problem}");
        }
    }
}
