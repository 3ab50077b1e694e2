using System;
using System.Collections.Generic;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>A page of a list, or a whole one.</summary>
/// <typeparam name="T">The objects.</typeparam>
/// <param name="Result">How it went.</param>
/// <param name="Items">The objects that could be read.</param>
/// <param name="Malformed">Objects that could not be read: they are there, and nothing else is known.</param>
/// <param name="ResourceVersion">Where a watch begins; empty if the answer has none.</param>
/// <param name="Continue">For the next page; empty at the end.</param>
/// <param name="IsFromCache">
/// Did metaServer answer from its own cache (<c>metadata.selfLink</c> is set, or there is no resourceVersion)? Then
/// objects may be missing that exist.
/// </param>
/// <param name="Problem">What is wrong and what to do, one sentence; empty if nothing is.</param>
/// <param name="RetryAfter">How long the server wants to be left alone, or null.</param>
public sealed record KubePage<T>(
    KubeResult Result,
    IReadOnlyList<T> Items,
    IReadOnlyList<KubeProblem> Malformed,
    string ResourceVersion,
    string Continue,
    bool IsFromCache,
    string Problem,
    TimeSpan? RetryAfter = null)
    where T : KubeObject
{
    /// <summary>Is it a list at all?</summary>
    public bool IsFound => Result == KubeResult.Found;
}
