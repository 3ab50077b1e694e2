namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Which part of a mesh document a finding is about.</summary>
/// <param name="Field">The field.</param>
/// <param name="Node">Index of the node in the document as it was judged; 0 if the field is no node's.</param>
/// <param name="Entry">Index within the field, if that is a list; else 0.</param>
internal readonly record struct MeshSubject(MeshField Field, int Node = 0, int Entry = 0);
