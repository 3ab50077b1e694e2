using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Dataplane.Mesh;

/// <summary>A mesh document in force and what was made of it; neither changes.</summary>
/// <param name="Document">What the control process, or the disk, gave us.</param>
/// <param name="View">What every thread of this process goes by.</param>
internal sealed record AppliedMesh(MeshDocument Document, MeshView View)
{
    /// <summary>No document.</summary>
    public static AppliedMesh Empty { get; } = new(new MeshDocument(), MeshView.Empty);
}
