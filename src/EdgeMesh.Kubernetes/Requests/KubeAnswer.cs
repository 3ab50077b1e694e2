using System;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>How a request ended, and its body if it went well. To be disposed once.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Body">The body; null unless it went well.</param>
internal sealed record KubeAnswer(KubeOutcome Outcome, KubeBody? Body) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Body?.Dispose();
}
