using System;
using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>Connections to the API as an access says.</summary>
internal static class KubeTransport
{
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan KeepAliveTimeLimit = TimeSpan.FromSeconds(10);

    internal static HttpMessageHandler CreateHandler(KubeAccess access)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect means a wrong address, and would carry the token to somebody else.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            // Watches wait for minutes without a byte; a dead connection is found by pings, not by silence.
            KeepAlivePingDelay = KeepAliveInterval,
            KeepAlivePingTimeout = KeepAliveTimeLimit,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 64,
            UseProxy = access.Kind == KubeAccessKind.Kubeconfig, // as kubectl does; a node's API is never behind one
        };
        if (access.Proxy is not null)
        {
            handler.Proxy = new WebProxy(access.Proxy);
        }

        if (access.Server.Scheme == "https")
        {
            Configure(handler.SslOptions, access);
        }

        return handler;
    }

    private static void Configure(SslClientAuthenticationOptions tls, KubeAccess access)
    {
        if (access.TlsServerName is not null)
        {
            tls.TargetHost = access.TlsServerName;
        }

        if (access.ClientCertificate is not null)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(
                access.ClientCertificate, access.ClientChain, offline: true);
        }

        if (access.SkipsTlsVerification)
        {
#pragma warning disable CA5359 // the operator's own kubeconfig says insecure-skip-tls-verify
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (access.Authorities is not null)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                // A cluster's own authority publishes no list of revoked certificates.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(access.Authorities);
            tls.CertificateChainPolicy = policy;
        }
    }
}
