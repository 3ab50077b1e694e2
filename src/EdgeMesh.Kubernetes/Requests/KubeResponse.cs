using System;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>The answer to a request about one object.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="Result">How it went.</param>
/// <param name="Value">The object; null unless it was found.</param>
/// <param name="Problem">What is wrong and what to do, one sentence; empty if nothing is.</param>
/// <param name="StatusCode">HTTP status code; 0 if there was no answer.</param>
/// <param name="RetryAfter">How long the server wants to be left alone, or null.</param>
/// <param name="ProvesAbsence">
/// Is it proven that the object is not there? Only by 404 of a real API server: metaServer answers 404 for whatever it
/// has not cached while the cloud can't be reached.
/// </param>
public sealed record KubeResponse<T>(
    KubeResult Result,
    T? Value,
    string Problem,
    int StatusCode = 0,
    TimeSpan? RetryAfter = null,
    bool ProvesAbsence = false)
    where T : KubeObject
{
    /// <summary>Is there a value?</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsFound => Result == KubeResult.Found && Value is not null;
}
