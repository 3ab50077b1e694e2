using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>Reads PEM files and says which one is wrong.</summary>
internal static class PemFiles
{
    private const int FileBytesMax = 1024 * 1024;

    /// <summary>Certificates to trust.</summary>
    /// <exception cref="KubeAccessException">The file can't be read or holds none.</exception>
    internal static X509Certificate2Collection ReadAuthorities(string path) =>
        ParseAuthorities(ReadText(path), path);

    /// <summary>Certificates to trust.</summary>
    /// <param name="pem">PEM text.</param>
    /// <param name="source">Where it is from, for the message.</param>
    /// <exception cref="KubeAccessException">The text holds none.</exception>
    internal static X509Certificate2Collection ParseAuthorities(string pem, string source)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new KubeAccessException($"{source} holds a certificate that can't be read: {e.Message}", e);
        }

        return authorities.Count > 0
            ? authorities
            : throw new KubeAccessException($"{source} holds no certificate (-----BEGIN CERTIFICATE-----)");
    }

    /// <summary>A text file of at most 1 MiB.</summary>
    /// <exception cref="KubeAccessException">It can't be read.</exception>
    internal static string ReadText(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length > FileBytesMax
                ? throw new KubeAccessException($"{path} has {file.Length} bytes, the limit is {FileBytesMax}")
                : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            throw new KubeAccessException($"{path} can't be read: {e.Message}", e);
        }
    }
}
