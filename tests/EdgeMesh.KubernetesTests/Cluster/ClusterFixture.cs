using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;
using k8s;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>
/// A cluster of a control plane and three nodes, that all tests of the collection share: see
/// <see cref="ClusterPlan"/> for its drawing. A test asks for the state it needs and may leave another one.
/// </summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private LabCluster? _cluster;
    private k8s.Kubernetes? _client;
    private string? _reason;

    /// <summary>The cluster.</summary>
    public LabCluster Cluster => _cluster ?? throw new InvalidOperationException("call Require first");

    /// <summary>A client that may do everything.</summary>
    public k8s.Kubernetes Client => _client ?? throw new InvalidOperationException("call Require first");

    /// <summary>helm.</summary>
    public HelmRelease Helm => new(Cluster);

    /// <summary>Pods of tests.</summary>
    public ClusterPods Pods => new(Cluster);

    /// <summary>The release's pods.</summary>
    public ClusterAgents Agents => new(Cluster);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _reason = KubernetesSupport.WhyNot() ?? (IsPlain ? null : WhyNoProduct());
        if (_reason is not null)
        {
            return;
        }

        _cluster = await LabCluster.UpAsync(Images());
        _client = new k8s.Kubernetes(new KubernetesClientConfiguration
        {
            Host = "https://127.0.0.1:" + _cluster.Control.OwnRelay.EndPoint.Port,
            AccessToken = _cluster.AdminToken,
            SslCaCerts = [System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(
                _cluster.AuthorityPath)],
        });
        (await _cluster.KubectlAsync("create", "namespace", HelmRelease.Namespace)).OrThrow();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Skips the test, saying why, if no cluster can stand here.</summary>
    public void Require() => Assert.SkipWhen(_reason is not null, _reason ?? "");

    /// <summary>Skips the test if no cluster can stand here; else the release is installed, for both families, when
    /// this returns.</summary>
    internal async Task RequireInstalledAsync()
    {
        Require();
        CommandResult status = await Helm.RunAsync(3, "status", ["-o", "json"]);
        if (status.IsSuccess)
        {
            if (CliView.Parse(status.Output).Child("info").Text("status") == "deployed" &&
                (await Helm.GetAsync("values")).Contains("fd00:6::/64", StringComparison.Ordinal))
            {
                await Agents.ReplaceRestartedAsync();
                await Agents.WaitUntilMeshedAsync();
                return;
            }

            await Helm.UninstallAsync(3);
        }

        (await Helm.ShellAsync(3, HelmRelease.GuidesCommand)).OrThrow();
        await Helm.UpgradeAsync(3, HelmRelease.BothFamilies);
        await Agents.WaitUntilMeshedAsync();
    }

    /// <summary>Removes the release, if it is there.</summary>
    internal async Task RequireUninstalledAsync()
    {
        Require();
        if ((await Helm.RunAsync(3, "status", [])).IsSuccess)
        {
            (await Helm.UninstallAsync(3)).OrThrow();
        }
    }

    /// <summary>The pods of a deployment in their place, with sockets in them.</summary>
    internal static PodReach Sockets(IEnumerable<PodPlace> pods)
    {
        var reach = new PodReach();
        foreach (PodPlace pod in pods)
        {
            reach.Add(pod);
        }

        return reach;
    }

    /// <summary>Tells a figure in the test's report.</summary>
    internal static void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private static string[] Images() =>
        Environment.GetEnvironmentVariable("EDGEMESH_IMAGE") is { } image
            ? [image]
            : [.. Directory.Exists(ImageDirectory)
                ? Directory.GetFiles(ImageDirectory, "edgemesh-*-linux-x64.tar").Take(1)
                : []];

    // For trying the cluster itself, with the tests of RigTests.
    private static bool IsPlain => Environment.GetEnvironmentVariable("EDGEMESH_LAB_PLAIN") == "1";

    private static string ImageDirectory => Path.Combine(Repository.ArtifactsDirectory, "image");

    private static string? WhyNoProduct()
    {
        if (Images().Length == 0)
        {
            return "there is no image: `make image` makes it";
        }

        return File.Exists(Path.Combine(HelmRelease.DirectoryOf(3), "helm")) ? null : "there is no helm: `.ci/helm`";
    }
}
