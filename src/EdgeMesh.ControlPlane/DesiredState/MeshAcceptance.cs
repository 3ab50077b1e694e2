using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>What became of a document that was to be in force.</summary>
/// <param name="InForce">The document in force now.</param>
/// <param name="IsNew">Did it take the place of another one?</param>
/// <param name="Finding">Why it was not taken; null if it was, or is what was in force.</param>
internal readonly record struct MeshAcceptance(MeshDocument InForce, bool IsNew, MeshFinding? Finding = null);
