using System;
using System.Collections.Generic;
using System.Text;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Reads mesh.yaml as a whole: either all of it can be read, or nothing of it is taken.</summary>
internal static class MeshFileParser
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the file's bytes. What it says is for <see cref="DesiredState.MeshRules"/> to judge.</summary>
    /// <param name="bytes">The file, UTF-8.</param>
    /// <returns>The document, or what can't be read.</returns>
    internal static MeshFileResult Parse(ReadOnlySpan<byte> bytes)
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

        MeshFileReading reading = MeshFileReader.Read(text, errors);
        errors.Sort(static (a, b) =>
            (a.Position.Line, a.Position.Column).CompareTo((b.Position.Line, b.Position.Column)));
        return new MeshFileResult(errors.Count == 0 ? reading : null, errors);
    }
}
