using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>
/// A way to the API: where it is, whom to trust there, and who we are. Immutable; holds no connection.
/// </summary>
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

    /// <summary>The way of a pod: KUBERNETES_SERVICE_HOST and _PORT, the service account's token and ca.crt.</summary>
    /// <param name="access">The way.</param>
    /// <param name="problem">Why there is none, one sentence.</param>
    /// <returns>False if this is no pod with a service account.</returns>
    /// <remarks>
    /// At the edge, newer KubeEdge sets these variables to metaServer's own address: then the way found is of
    /// <see cref="KubeAccessKind.MetaServer"/>.
    /// </remarks>
    public static bool TryInCluster([NotNullWhen(true)] out KubeAccess? access, out string problem) =>
        InClusterFiles.TryRead(KubeEnvironment.OfProcess, out access, out problem);

    /// <summary>The way that a kubeconfig names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">A context in it; null: its current one.</param>
    /// <returns>The way.</returns>
    /// <exception cref="KubeAccessException">The file can't be used; the message says why.</exception>
    public static KubeAccess FromKubeconfig(string path, string? context = null) =>
        KubeconfigFile.Read(path).ToAccess(context);

    /// <summary>KubeEdge's metaServer.</summary>
    /// <param name="server">Its address, http or https; null: <see cref="MetaServerDefault"/>.</param>
    /// <param name="tls">Files for https; null: none.</param>
    /// <returns>The way.</returns>
    /// <exception cref="KubeAccessException">A file can't be used; the message says why.</exception>
    public static KubeAccess MetaServer(Uri? server = null, KubeTlsFiles? tls = null)
    {
        server ??= MetaServerDefault;
        if (!server.IsAbsoluteUri || server.Scheme is not ("http" or "https"))
        {
            throw new KubeAccessException(
                $"metaServer's address '{server}' is no URL: write it as {MetaServerDefault} or https://...");
        }

        var access = new KubeAccess { Server = server, Kind = KubeAccessKind.MetaServer };
        if (tls is null)
        {
            return access;
        }

        if (server.Scheme != "https")
        {
            throw new KubeAccessException(
                $"certificates are given for metaServer, but its address '{server}' is not https: correct one of both");
        }

        if (tls.Certificate is null != tls.Key is null)
        {
            throw new KubeAccessException("metaServer's client certificate and its key belong together: give both");
        }

        ClientIdentity? identity = tls.Certificate is null ? null : ClientIdentity.FromFiles(tls.Certificate, tls.Key!);
        return access with
        {
            Authorities = tls.Authority is null ? null : PemFiles.ReadAuthorities(tls.Authority),
            ClientCertificate = identity?.Certificate,
            ClientChain = identity?.Chain,
        };
    }

    /// <summary>Finds the way to the API: what was named, else metaServer at the edge, else the pod's own.</summary>
    /// <param name="options">Where to look.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The way, or what was tried in vain: try again later, as metaServer may start after us.</returns>
    /// <exception cref="KubeAccessException">What was named explicitly can't be used.</exception>
    public static Task<KubeDetection> DetectAsync(KubeDetectionOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new KubeDetector(options, KubeEnvironment.OfProcess, KubeTransport.CreateHandler)
            .DetectAsync(cancellation);
    }

    /// <summary>Where the API is and how it was found, without secrets.</summary>
    /// <returns>A few words for logs.</returns>
    public override string ToString() => Kind switch
    {
        KubeAccessKind.InCluster => $"{Server} (service account)",
        KubeAccessKind.Kubeconfig => $"{Server} (kubeconfig)",
        _ => $"{Server} (metaServer)",
    };
}
