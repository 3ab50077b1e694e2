using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>What the kubelet gives every pod: two variables and three files.</summary>
internal static class InClusterFiles
{
    /// <summary>Where KubeEdge's edges put the "in-cluster" API: metaServer on a dummy interface of the node.</summary>
    internal const string MetaServerDummyAddress = "169.254.30.10";

    /// <summary>metaServer's port.</summary>
    internal const int MetaServerPort = 10550;

    internal static bool TryRead(
        KubeEnvironment environment, [NotNullWhen(true)] out KubeAccess? access, out string problem)
    {
        access = null;
        string? host = environment.Variable("KUBERNETES_SERVICE_HOST");
        string? portText = environment.Variable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(portText))
        {
            problem = "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod";
            return false;
        }

        if (!ushort.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            problem = $"KUBERNETES_SERVICE_HOST '{host}' and _PORT '{portText}' are no address";
            return false;
        }

        string token = Path.Combine(environment.ServiceAccountDirectory, "token");
        if (!File.Exists(token))
        {
            problem = $"the pod has no service account token at {token}: set automountServiceAccountToken: true";
            return false;
        }

        bool isV6 = IPAddress.TryParse(host, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetworkV6;
        bool isMetaServer = host == MetaServerDummyAddress || port == MetaServerPort;
        try
        {
            access = new KubeAccess
            {
                Server = new Uri(isV6 ? $"https://[{host}]:{port}" : $"https://{host}:{port}"),
                Kind = isMetaServer ? KubeAccessKind.MetaServer : KubeAccessKind.InCluster,
                Authorities = PemFiles.ReadAuthorities(Path.Combine(environment.ServiceAccountDirectory, "ca.crt")),
                TokenFile = token,
                Namespace = ReadNamespace(Path.Combine(environment.ServiceAccountDirectory, "namespace")),
            };
        }
        catch (KubeAccessException e)
        {
            problem = e.Message;
            return false;
        }

        problem = "";
        return true;
    }

    private static string? ReadNamespace(string path)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            return text.Length == 0 ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // only a default; the command line usually names the namespace
        }
    }
}
