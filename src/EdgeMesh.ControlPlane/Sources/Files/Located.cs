namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>A value and where the file has it.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Position">Where it stands.</param>
internal readonly record struct Located<T>(T Value, FilePosition Position);
