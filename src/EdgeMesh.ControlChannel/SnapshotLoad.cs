using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlChannel;

/// <summary>What reading a snapshot file gave.</summary>
/// <param name="Document">The document; null if neither the file nor its previous version is good.</param>
/// <param name="Fault">What is wrong with the file itself, also if the previous version took its place.</param>
/// <param name="Message">The fault in words, naming the file; empty if there is none.</param>
/// <param name="IsPrevious">Is the document the version before?</param>
public sealed record SnapshotLoad(MeshDocument? Document, SnapshotFault Fault, string Message, bool IsPrevious);
