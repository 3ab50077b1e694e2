namespace EdgeMesh.Perf.Scale.Api;

/// <summary>
/// Counts resourceVersions: one for all resources, as etcd does. Under the lock of the stand-in's state.
/// </summary>
internal sealed class VersionCounter
{
    /// <summary>The last one given out.</summary>
    public long Last { get; private set; } = 1;

    /// <summary>The next one.</summary>
    public long Next() => ++Last;
}
