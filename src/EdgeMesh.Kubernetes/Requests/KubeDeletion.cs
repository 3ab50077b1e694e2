namespace EdgeMesh.Kubernetes.Requests;

/// <summary>How to delete an object.</summary>
/// <param name="Uid">Only if the object still has this uid; null: whichever has the name.</param>
/// <param name="ResourceVersion">Only if nobody changed it since; null: in any case.</param>
/// <param name="WaitsForDependents">Is the object to stay until what it owns is gone (Foreground)?</param>
public sealed record KubeDeletion(string? Uid = null, string? ResourceVersion = null, bool WaitsForDependents = false);
