using System;
using System.IO;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>Whether a cluster can stand on this machine, and where its programs are.</summary>
public static class KubernetesSupport
{
    /// <summary>
    /// Where <c>.ci/kubernetes</c> put its programs: EDGEMESH_KUBERNETES, else <c>artifacts/kubernetes</c>.
    /// </summary>
    public static string ProgramDirectory
    {
        get
        {
            string directory = Environment.GetEnvironmentVariable("EDGEMESH_KUBERNETES") ??
                Path.Combine(Repository.ArtifactsDirectory, "kubernetes");
            FileSystemInfo real = new DirectoryInfo(directory).ResolveLinkTarget(returnFinalTarget: true) ??
                new DirectoryInfo(directory);
            return Path.Combine(real.FullName, "bin");
        }
    }

    /// <summary>Why no cluster can stand here, or null if one can.</summary>
    public static string? WhyNot()
    {
        if (LabSupport.WhyNot() is { } reason)
        {
            return reason;
        }

        foreach (string program in (string[])["kubelet", "kube-apiserver", "etcd", "containerd", "pause"])
        {
            if (!File.Exists(Path.Combine(ProgramDirectory, program)))
            {
                return $"`{program}` is missing: `make test-kubernetes` makes it";
            }
        }

        foreach (string program in (string[])["runc", "iptables", "busybox", "curl", "nsenter"])
        {
            if (!LabSupport.IsInstalled(program))
            {
                return $"`{program}` is missing: `make test-kubernetes` installs it";
            }
        }

        return Directory.Exists("/sys/fs/cgroup/pids") || File.Exists("/sys/fs/cgroup/cgroup.controllers")
            ? null
            : "no control groups below /sys/fs/cgroup: containers can't run";
    }
}
