namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Something wrong in mesh.yaml.</summary>
/// <param name="Position">Where.</param>
/// <param name="Message">Cause and remedy.</param>
internal readonly record struct MeshFileError(FilePosition Position, string Message)
{
    /// <summary>The error as compilers write theirs: <c>file:line:column: message</c>.</summary>
    /// <param name="path">The file.</param>
    /// <returns>One line.</returns>
    internal string Format(string path) => $"{path}:{Position.Line}:{Position.Column}: {Message}";
}
