using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>helm, and the user's guide's commands for it.</summary>
/// <param name="cluster">Where to.</param>
public sealed class HelmRelease(LabCluster cluster)
{
    /// <summary>The namespace of the user's guide.</summary>
    public const string Namespace = "kubeedge";

    /// <summary>The release's name in the user's guide.</summary>
    public const string Name = "edgemesh";

    /// <summary>The IPv4 and IPv6 prefixes of all sites, for an upgrade of what the guide installs.</summary>
    public static readonly string[] BothFamilies =
    [
        "--reuse-values", "--set", "agent.cloudCIDR={10.244.1.0/24,fd00:1::/64}",
        "--set", "agent.edgeCIDR={10.244.5.0/24,10.244.6.0/24,fd00:5::/64,fd00:6::/64}",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>The chart.</summary>
    public static string Chart => Path.Combine(Repository.Root, "charts", "edgemesh");

    /// <summary>The user's guide's command, to the letter; a shell reads it.</summary>
    public static string GuidesCommand => $$"""
        helm install edgemesh --namespace kubeedge \
          --set agent.relayNodes[0].nodeName=k8s-master,agent.relayNodes[0].advertiseAddress="{1.1.1.1}" \
          --set agent.cloudCIDR="{10.244.1.0/24,10.244.1.0/24}",agent.edgeCIDR="{10.244.5.0/24,10.244.6.0/24}" {{Chart}}
        """;

    /// <summary>Where a helm of that major version is.</summary>
    public static string DirectoryOf(int version) =>
        Path.Combine(Repository.ArtifactsDirectory, "tools", version == 3 ? "helm3" : "helm4");

    /// <summary>Runs a line of shell in which <c>helm</c> is that version and speaks to this cluster.</summary>
    public Task<CommandResult> ShellAsync(int version, string line) => Command.RunAsync(
        [
            "env", "KUBECONFIG=" + cluster.ConfigPath, "HELM_CACHE_HOME=" + Path.Combine(cluster.Directory, "helm"),
            "HELM_CONFIG_HOME=" + Path.Combine(cluster.Directory, "helm"),
            "HELM_DATA_HOME=" + Path.Combine(cluster.Directory, "helm"),
            "PATH=" + DirectoryOf(version) + ":" + Environment.GetEnvironmentVariable("PATH"),
            "/bin/bash", "-c", line,
        ],
        null,
        Patience);

    /// <summary>What helm keeps of the release: values, manifest, hooks or notes.</summary>
    public async Task<string> GetAsync(string what) =>
        (await RunAsync(3, ["get", what], [])).OrThrow().Output;

    /// <summary>Runs a verb of helm on the release.</summary>
    public Task<CommandResult> RunAsync(int version, string verb, IReadOnlyList<string> words) =>
        RunAsync(version, [verb], words);

    private Task<CommandResult> RunAsync(
        int version, IReadOnlyList<string> verb, IReadOnlyList<string> words) => Command.RunAsync(
        [
            "env", "KUBECONFIG=" + cluster.ConfigPath, "HELM_CACHE_HOME=" + Path.Combine(cluster.Directory, "helm"),
            "HELM_CONFIG_HOME=" + Path.Combine(cluster.Directory, "helm"),
            "HELM_DATA_HOME=" + Path.Combine(cluster.Directory, "helm"),
            Path.Combine(DirectoryOf(version), "helm"), .. verb, Name, "--namespace", Namespace, .. words,
        ],
        null,
        Patience);

    /// <summary>Upgrades the release and waits until all its pods run.</summary>
    public async Task UpgradeAsync(int version, params string[] words) =>
        (await RunAsync(version, "upgrade", [Chart, "--wait", "--timeout", "180s", .. words])).OrThrow();

    /// <summary>Removes the release and waits until its objects are gone.</summary>
    public async Task<CommandResult> UninstallAsync(int version) =>
        await RunAsync(version, "uninstall", ["--wait", "--timeout", "180s"]);
}
