namespace EdgeMesh.ControlChannel;

/// <summary>Values of <c>MeshDocument.source</c>: who counts the generation.</summary>
public static class MeshSources
{
    /// <summary>This node's own control process.</summary>
    public const string Node = "node";

    /// <summary>Whoever writes mesh.yaml: the number stands in it.</summary>
    public const string File = "file";
}
