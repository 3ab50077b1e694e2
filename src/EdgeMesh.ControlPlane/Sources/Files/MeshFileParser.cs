using System;
using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Reads mesh.yaml as a whole: either all of it can be read, or nothing of it is taken.</summary>
internal static class MeshFileParser
{
    /// <summary>Reads the file's bytes. What it says is for <see cref="DesiredState.MeshRules"/> to judge.</summary>
    /// <param name="bytes">The file, UTF-8.</param>
    /// <returns>The document, or what can't be read.</returns>
    internal static MeshFileResult Parse(ReadOnlySpan<byte> bytes)
    {
        var errors = new List<MeshFileError>();
        if (FileText.Decode(bytes, MeshFileLimits.FileBytesMax, "a mesh", errors) is not { } text)
        {
            return new MeshFileResult(null, errors);
        }

        MeshFileReading reading = MeshFileReader.Read(text, errors);
        errors.Sort(static (a, b) =>
            (a.Position.Line, a.Position.Column).CompareTo((b.Position.Line, b.Position.Column)));
        return new MeshFileResult(errors.Count == 0 ? reading : null, errors);
    }
}
