namespace EdgeMesh.Kubernetes.Requests;

/// <summary>An object that could not be read.</summary>
/// <param name="Key"><c>namespace/name</c>, as far as it could be read.</param>
/// <param name="Message">Which field, what is wrong.</param>
public sealed record KubeProblem(string Key, string Message);
