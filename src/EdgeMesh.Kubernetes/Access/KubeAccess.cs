using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>A way to the API: where it is, whom to trust there, and who we are. Immutable; holds no connection.</summary>
public sealed record KubeAccess
{
    /// <summary>Where the API is.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where this way was found.</summary>
    public required KubeAccessKind Kind { get; init; }

    /// <summary>Is it KubeEdge's metaServer? Then absence proves nothing.</summary>
    public bool IsMetaServer => Kind == KubeAccessKind.MetaServer;

    /// <summary>Namespace of the service account or of the context; null if none is set.</summary>
    public string? Namespace { get; init; }

    /// <summary>Certificates that the server's chain must end in; null: the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>This client's certificate with its key; null: none is shown.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Certificates between the client's and its authority.</summary>
    public X509Certificate2Collection? ClientChain { get; init; }

    /// <summary>Bearer token; null if there is none, or it is in a file.</summary>
    public string? Token { get; init; }

    /// <summary>File with the bearer token, read again each minute; null if there is none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Is any certificate of the server taken? Only if a kubeconfig says so.</summary>
    public bool SkipsTlsVerification { get; init; }

    /// <summary>Name that the server's certificate must have; null: the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>HTTP proxy of a kubeconfig, or null.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Where metaServer listens unless it is set otherwise.</summary>
    public static Uri MetaServerDefault { get; } = new("http://127.0.0.1:10550");

    /// <summary>The way of a pod: KUBERNETES_SERVICE_HOST and _PORT, and the service account's token and ca.crt.</summary>
    /// <param name="access">The way.</param>
    /// <param name="problem">Why there is none, one sentence.</param>
    /// <returns>False if this is no pod with a service account.</returns>
    public static bool TryInCluster([NotNullWhen(true)] out KubeAccess? access, out string problem) =>
        throw new NotSupportedException();

    /// <summary>The way that a kubeconfig names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">A context in it; null: its current one.</param>
    /// <returns>The way.</returns>
    /// <exception cref="KubeAccessException">The file can't be used; the message says why.</exception>
    public static KubeAccess FromKubeconfig(string path, string? context = null) => throw new NotSupportedException();

    /// <summary>KubeEdge's metaServer.</summary>
    /// <param name="server">Its address, http or https; null: <see cref="MetaServerDefault"/>.</param>
    /// <param name="tls">Files for https; null: none.</param>
    /// <returns>The way.</returns>
    /// <exception cref="KubeAccessException">A file can't be used; the message says why.</exception>
    public static KubeAccess MetaServer(Uri? server = null, KubeTlsFiles? tls = null) => throw new NotSupportedException();

    /// <summary>Finds the way to the API: what was named, else metaServer at the edge, else the service account.</summary>
    /// <param name="options">Where to look.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The way, or what was tried in vain: try again later, as metaServer may start after this process.</returns>
    /// <exception cref="KubeAccessException">What was named explicitly can't be used.</exception>
    public static Task<KubeDetection> DetectAsync(KubeDetectionOptions options, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Where the API is and by which right, without secrets.</summary>
    /// <returns>A few words for logs.</returns>
    public override string ToString() => $"{Server} ({Kind})";
}
