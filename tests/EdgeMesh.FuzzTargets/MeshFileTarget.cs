using System;
using System.Collections.Generic;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Files;

namespace EdgeMesh.FuzzTargets;

/// <summary>mesh.yaml, and the rules for what it says.</summary>
public static class MeshFileTarget
{
    /// <summary>Reads a file.</summary>
    /// <param name="bytes">Its bytes.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        MeshFileResult result = MeshFileParser.Parse(bytes);
        if (result.Reading is null == (result.Errors.Count == 0))
        {
            throw new InvalidOperationException("a file is either read or faulty");
        }

        if (result.Reading is null)
        {
            return;
        }

        MeshDocument document = result.Reading.Document;
        IReadOnlyList<MeshFinding> findings = MeshRules.Judge(document, "cloud-1");
        if (result.Reading.Locate(findings).Count != findings.Count)
        {
            throw new InvalidOperationException("a finding has no place in the file");
        }

        if (findings.Count == 0 && MeshDocuments.Validate(document) is string problem)
        {
            throw new InvalidOperationException($"what was taken breaks a rule: {problem}");
        }
    }
}
