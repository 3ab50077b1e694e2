using System;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>How a request ended, before its body is read.</summary>
/// <param name="Result">How it went.</param>
/// <param name="Problem">What is wrong and what to do; empty if nothing is.</param>
/// <param name="StatusCode">HTTP status code; 0 if there was no answer.</param>
/// <param name="RetryAfter">How long the server wants to be left alone, or null.</param>
internal readonly record struct KubeOutcome(
    KubeResult Result, string Problem, int StatusCode = 0, TimeSpan? RetryAfter = null)
{
    internal static KubeOutcome Good(int statusCode) => new(KubeResult.Found, "", statusCode);
}
