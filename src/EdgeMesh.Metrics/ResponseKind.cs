namespace EdgeMesh.Metrics;

/// <summary>What a request asks for.</summary>
internal enum ResponseKind
{
    /// <summary>Nothing that is here.</summary>
    None,

    /// <summary><c>/metrics</c>.</summary>
    Metrics,

    /// <summary><c>/healthz</c>.</summary>
    Health,

    /// <summary><c>/readyz</c>.</summary>
    Readiness,
}
