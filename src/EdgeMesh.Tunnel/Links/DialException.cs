using System;

namespace EdgeMesh.Tunnel.Links;

/// <summary>No address of a peer led to it.</summary>
internal sealed class DialException(Exception? last)
    : Exception(last?.Message ?? "none of its addresses is one that this node can dial", last);
