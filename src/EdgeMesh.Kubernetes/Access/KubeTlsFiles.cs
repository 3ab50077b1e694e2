namespace EdgeMesh.Kubernetes.Access;

/// <summary>PEM files for metaServer over HTTPS.</summary>
/// <param name="Authority">Certificates that the server's chain must end in; null: the system's.</param>
/// <param name="Certificate">This client's certificate; null: none is shown.</param>
/// <param name="Key">The certificate's key; null only if there is no certificate.</param>
public sealed record KubeTlsFiles(string? Authority, string? Certificate, string? Key);
