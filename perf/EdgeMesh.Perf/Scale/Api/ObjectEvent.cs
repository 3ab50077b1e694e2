namespace EdgeMesh.Perf.Scale.Api;

/// <summary>A change of an object, as watches tell it.</summary>
/// <param name="Version">The resourceVersion it made.</param>
/// <param name="Facts">The object, for selectors.</param>
/// <param name="Line">The line of the watch: JSON and a newline.</param>
internal sealed record ObjectEvent(long Version, ObjectFacts Facts, byte[] Line);
