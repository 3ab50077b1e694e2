using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Kubernetes.Watching;

/// <summary>One thing that a reflector tells.</summary>
/// <typeparam name="T">The objects.</typeparam>
/// <param name="Kind">What.</param>
/// <param name="Key"><c>namespace/name</c> of the object; empty if it is not about one.</param>
/// <param name="Object">The object, with Present, and with Deleted its last state; else null.</param>
/// <param name="Problem">What is wrong and what to do; empty if nothing is.</param>
/// <param name="Result">With Failed: how.</param>
/// <param name="IsFromCache">With Listed: did metaServer answer from its cache? Then objects may be missing.</param>
public sealed record ReflectorChange<T>(
    ReflectorChangeKind Kind,
    string Key = "",
    T? Object = null,
    string Problem = "",
    KubeResult Result = KubeResult.Found,
    bool IsFromCache = false)
    where T : KubeObject;
