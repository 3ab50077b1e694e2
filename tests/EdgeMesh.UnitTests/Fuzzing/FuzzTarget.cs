using System;

namespace EdgeMesh.UnitTests.Fuzzing;

/// <summary>A method of bytes that must not throw, whatever they are.</summary>
internal delegate void FuzzTarget(ReadOnlySpan<byte> bytes);
