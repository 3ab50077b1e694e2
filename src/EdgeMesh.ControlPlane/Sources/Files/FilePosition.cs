namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>A place in a text file.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
internal readonly record struct FilePosition(int Line, int Column);
