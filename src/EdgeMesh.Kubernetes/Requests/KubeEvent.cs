using System;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>One event of a watch.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="Kind">What happened.</param>
/// <param name="Object">The object; null with Opened, Malformed, Failed.</param>
/// <param name="Key">The object's key, as far as it is known; else empty.</param>
/// <param name="Result">Why it failed; Found if it did not.</param>
/// <param name="Problem">What is wrong and what to do; empty if nothing is.</param>
/// <param name="RetryAfter">How long the server wants to be left alone, or null.</param>
public sealed record KubeEvent<T>(
    KubeEventKind Kind,
    T? Object,
    string Key = "",
    KubeResult Result = KubeResult.Found,
    string Problem = "",
    TimeSpan? RetryAfter = null)
    where T : KubeObject;
