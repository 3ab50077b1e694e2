namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>Back end and offloads as the programs choose them.</summary>
public sealed class DefaultFixture : MeshFixture;
