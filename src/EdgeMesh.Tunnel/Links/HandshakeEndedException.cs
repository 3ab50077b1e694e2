using System;

namespace EdgeMesh.Tunnel.Links;

/// <summary>We ended a handshake ourselves: its time was up, or a newer one needed the room.</summary>
internal sealed class HandshakeEndedException(LinkEvent reason, Exception inner)
    : Exception(LinkEvents.LabelOf(reason), inner)
{
    /// <summary>Why; already counted.</summary>
    public LinkEvent Reason { get; } = reason;
}
