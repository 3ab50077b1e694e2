using System;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>A kubeconfig and its place: paths in it are relative to it.</summary>
/// <param name="path">The file.</param>
/// <param name="document">What it says.</param>
internal sealed class KubeconfigFile(string path, KubeconfigDocument document)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="KubeAccessException">It can't be read, or is no kubeconfig.</exception>
    internal static KubeconfigFile Read(string path) =>
        new(path, KubeconfigReader.Read(PemFiles.ReadText(path), path));

    /// <summary>The way that a context names.</summary>
    /// <param name="context">The context; null or empty: the current one.</param>
    /// <exception cref="KubeAccessException">Something is missing, or a way that is not understood here.</exception>
    internal KubeAccess ToAccess(string? context)
    {
        string name = string.IsNullOrEmpty(context) ? document.CurrentContext : context;
        if (name.Length == 0)
        {
            throw Wrong("no context is chosen: name one, or run 'kubectl config use-context NAME'");
        }

        if (!document.Contexts.TryGetValue(name, out KubeconfigEntry? chosen))
        {
            string known = string.Join(", ", document.Contexts.Keys);
            throw Wrong($"there is no context '{name}'; the contexts are: {(known.Length == 0 ? "none" : known)}");
        }

        string clusterName = chosen["cluster"] ?? throw Wrong($"context '{name}' names no cluster");
        if (!document.Clusters.TryGetValue(clusterName, out KubeconfigEntry? cluster))
        {
            throw Wrong($"context '{name}' names cluster '{clusterName}', which is not in the file");
        }

        KubeAccess access = ReadCluster(clusterName, cluster) with { Namespace = chosen["namespace"] };
        if (chosen["user"] is not { } userName)
        {
            return access;
        }

        return document.Users.TryGetValue(userName, out KubeconfigEntry? user)
            ? ReadUser(access, userName, user)
            : throw Wrong($"context '{name}' names user '{userName}', which is not in the file");
    }

    private KubeAccess ReadCluster(string name, KubeconfigEntry cluster)
    {
        string server = cluster["server"] ?? throw Wrong($"cluster '{name}' has no 'server'");
        if (!Uri.TryCreate(server, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            throw Wrong($"cluster '{name}': server '{server}' is no URL: write it as https://host:6443");
        }

        Uri? proxy = null;
        if (cluster["proxy-url"] is { } proxyText
            && (!Uri.TryCreate(proxyText, UriKind.Absolute, out proxy)
                || proxy.Scheme is not ("http" or "https" or "socks5")))
        {
            throw Wrong($"cluster '{name}': proxy-url '{proxyText}' is no URL of http, https or socks5");
        }

        X509Certificate2Collection? authorities = null;
        if (cluster["certificate-authority-data"] is { } data)
        {
            string source = $"certificate-authority-data of cluster '{name}' in {path}";
            authorities = PemFiles.ParseAuthorities(Decode(data, source), source);
        }
        else if (cluster["certificate-authority"] is { } file)
        {
            authorities = PemFiles.ReadAuthorities(Locate(file));
        }

        return new KubeAccess
        {
            Server = uri,
            Kind = KubeAccessKind.Kubeconfig,
            Authorities = authorities,
            SkipsTlsVerification = ReadSwitch(cluster, "insecure-skip-tls-verify"),
            TlsServerName = cluster["tls-server-name"],
            Proxy = proxy,
        };
    }

    private KubeAccess ReadUser(KubeAccess access, string name, KubeconfigEntry user)
    {
        foreach (string plugin in (string[])["exec", "auth-provider"])
        {
            if (user.Has(plugin))
            {
                throw Wrong($"user '{name}' gets its credentials from a program ('{plugin}'), which is not done here: "
                    + "make a token with 'kubectl create token SERVICEACCOUNT', and put it there as 'token'");
            }
        }

        foreach (string unknown in (string[])["username", "password", "as", "as-groups", "as-uid"])
        {
            if (user.Has(unknown))
            {
                throw Wrong($"user '{name}' has '{unknown}', which is not understood here: use a token or a client "
                    + "certificate");
            }
        }

        // As kubectl has it: a token's text counts before a file.
        string? token = user["token"];
        if (token is not null && !BearerToken.IsToken(token))
        {
            throw Wrong($"the token of user '{name}' has blanks or control characters");
        }

        ClientIdentity? identity = ReadIdentity(name, user);
        return access with
        {
            Token = token,
            TokenFile = token is null && user["tokenFile"] is { } file ? Locate(file) : null,
            ClientCertificate = identity?.Certificate,
            ClientChain = identity?.Chain,
        };
    }

    private ClientIdentity? ReadIdentity(string name, KubeconfigEntry user)
    {
        (string Text, string Source)? certificate = ReadPem(name, user, "client-certificate");
        (string Text, string Source)? key = ReadPem(name, user, "client-key");
        if (certificate is null && key is null)
        {
            return null;
        }

        return certificate is not null && key is not null
            ? ClientIdentity.FromPem(
                certificate.Value.Text, certificate.Value.Source, key.Value.Text, key.Value.Source)
            : throw Wrong($"user '{name}' has only one of client-certificate and client-key: they belong together");
    }

    private (string Text, string Source)? ReadPem(string name, KubeconfigEntry user, string key)
    {
        if (user[$"{key}-data"] is { } data)
        {
            string source = $"{key}-data of user '{name}' in {path}";
            return (Decode(data, source), source);
        }

        return user[key] is { } file ? (PemFiles.ReadText(Locate(file)), Locate(file)) : null;
    }

    private bool ReadSwitch(KubeconfigEntry entry, string key) => entry[key] switch
    {
        null or "false" => false,
        "true" => true,
        string other => throw Wrong($"{key} is true or false, not '{other}'"),
    };

    private static string Decode(string base64, string source)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException e)
        {
            throw new KubeAccessException($"{source} is no base64", e);
        }
    }

    private string Locate(string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/", file);

    private KubeAccessException Wrong(string message) => new($"{path}: {message}");
}
