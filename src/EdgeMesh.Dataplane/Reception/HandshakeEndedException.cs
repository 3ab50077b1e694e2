using System;
using EdgeMesh.Dataplane.Mesh;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>We ended a handshake ourselves: its time was up, or a newer one needed the room.</summary>
internal sealed class HandshakeEndedException(ConnectionEvent reason, Exception inner)
    : Exception(ConnectionEvents.LabelOf(reason), inner)
{
    /// <summary>Why; already counted.</summary>
    public ConnectionEvent Reason { get; } = reason;
}
