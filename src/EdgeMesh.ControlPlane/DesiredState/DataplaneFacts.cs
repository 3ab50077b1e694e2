using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>What the data plane says of itself.</summary>
/// <param name="PeerId">This node's peer id, in text.</param>
/// <param name="Version">Version of the data plane.</param>
/// <param name="Listen">Multiaddrs where it accepts connections, in text.</param>
internal sealed record DataplaneFacts(string PeerId, string Version, IReadOnlyList<string> Listen)
{
    /// <inheritdoc/>
    public bool Equals(DataplaneFacts? other) => other is not null
        && PeerId == other.PeerId && Version == other.Version && Listen.SequenceEqual(other.Listen);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PeerId, Version, Listen.Count);
}
