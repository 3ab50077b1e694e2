using System;
using System.Collections.Generic;
using System.Text;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>Reads mesh.yaml as a whole: either everything in it is right, or nothing of it is taken.</summary>
public static class MeshFileParser
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads and checks the file's bytes.</summary>
    /// <param name="bytes">The file, UTF-8.</param>
    /// <param name="ownNode">Name of this node, which must be in it.</param>
    /// <returns>The document, or what is wrong with the file.</returns>
    public static MeshFileResult Parse(ReadOnlySpan<byte> bytes, string ownNode)
    {
        var errors = new List<MeshFileError>();
        if (bytes.Length > MeshFileLimits.FileBytesMax)
        {
            errors.Add(new MeshFileError(
                new FilePosition(1, 1), $"{bytes.Length} bytes are too many for a mesh: the limit is "
                    + $"{MeshFileLimits.FileBytesMax}"));
            return new MeshFileResult(null, errors);
        }

        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        ReadOnlySpan<byte> content = bytes.StartsWith(mark) ? bytes[mark.Length..] : bytes;
        string text;
        try
        {
            text = StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException e)
        {
            int line = 1 + content[..Math.Clamp(e.Index, 0, content.Length)].Count((byte)'\n');
            errors.Add(new MeshFileError(new FilePosition(line, 1), "these bytes are no UTF-8: save the file as "
                + "UTF-8"));
            return new MeshFileResult(null, errors);
        }

        ParsedMesh mesh = MeshFileReader.Read(text, errors);
        MeshDocument? document = errors.Count == 0 ? MeshFileRules.Check(mesh, ownNode, errors) : null;
        errors.Sort(static (a, b) =>
            (a.Position.Line, a.Position.Column).CompareTo((b.Position.Line, b.Position.Column)));
        return new MeshFileResult(document, errors);
    }
}
