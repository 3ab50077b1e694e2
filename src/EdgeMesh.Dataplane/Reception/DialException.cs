using System;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>No address of a peer led to it.</summary>
internal sealed class DialException(Exception? last)
    : Exception(last?.Message ?? "none of its addresses is an underlay TCP address that we can resolve", last);
