namespace EdgeMesh.ControlPlane.Sources;

/// <summary>A place in a text file.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct FilePosition(int Line, int Column);
