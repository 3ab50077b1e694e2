using System;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>What a source says of itself, for status.</summary>
/// <param name="Trust">As in <c>ControlReport.trust</c>.</param>
/// <param name="Heard">
/// When it last proved that it is followed, by <see cref="Environment.TickCount64"/>; null: never, or it has no such
/// proof.
/// </param>
internal sealed record SourceState(string Trust, long? Heard);
