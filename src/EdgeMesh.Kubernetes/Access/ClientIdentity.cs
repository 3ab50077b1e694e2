using System;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>A client's certificate, and those between it and its authority.</summary>
/// <param name="Certificate">With its key.</param>
/// <param name="Chain">Without the certificate itself; may be empty.</param>
internal sealed record ClientIdentity(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    internal static ClientIdentity FromFiles(string certificatePath, string keyPath) => FromPem(
        PemFiles.ReadText(certificatePath), certificatePath, PemFiles.ReadText(keyPath), keyPath);

    /// <summary>From texts, and where they are from.</summary>
    /// <exception cref="KubeAccessException">They can't be read, or do not belong together.</exception>
    internal static ClientIdentity FromPem(string certificate, string certificateSource, string key, string keySource)
    {
        X509Certificate2Collection chain = PemFiles.ParseAuthorities(certificate, certificateSource);
        try
        {
            var own = X509Certificate2.CreateFromPem(certificate, key);
            chain.RemoveAt(0); // the first is the client's own
            return new ClientIdentity(own, chain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KubeAccessException(
                $"{certificateSource} and {keySource} are no certificate with its key: {e.Message}", e);
        }
    }
}
