using System;
using System.Text;
using EdgeMesh.Kubernetes.Access;

namespace EdgeMesh.FuzzTargets;

/// <summary>A kubeconfig, and the way to the API that its current context names.</summary>
public static class KubeconfigTarget
{
    /// <summary>Reads a file.</summary>
    /// <param name="bytes">Its bytes.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        try
        {
            KubeconfigDocument document = KubeconfigReader.Read(Encoding.UTF8.GetString(bytes), "config");
            KubeAccess access = new KubeconfigFile("/nowhere/config", document).ToAccess(context: null);
            Invariant.Holds(access.Server.IsAbsoluteUri, "a way has an address");
            Invariant.Holds(access.Token is null || access.TokenFile is null, "there is one token");
        }
        catch (KubeAccessException e)
        {
            Invariant.Holds(e.Message.Length > 0, "what is refused says why");
        }
    }
}
