using System;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Topologies;
using Xunit;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>
/// A mesh of three sites, two nodes in the cloud, that a class of tests shares. A test leaves it as it found it.
/// <code>
///  cloud-1 pod1 pod2     cloud-2 pod1 pod2     edge-a pod1 pod2     edge-b pod1 pod2        stranger
///   10.244.1.0/24         10.244.2.0/24         10.244.5.0/24        10.244.6.0/24
///   fd00:1::/64           fd00:1:0:1::/64       fd00:5::/64          fd00:6::/64
///      10.99.0.1 ============ 10.99.0.2 ========== 10.99.0.5 =========== 10.99.0.6 ======== 10.99.0.200
/// </code>
/// With EDGEMESH_LAB_PLAIN=1 the kernel routes and no program of ours runs: that tries out the tests themselves.
/// </summary>
public abstract class MeshFixture : IAsyncLifetime
{
    private LabNetwork? _lab;
    private LabMesh? _mesh;
    private string? _reason;

    /// <summary>Whether this run is without the product.</summary>
    public static bool IsPlain => Environment.GetEnvironmentVariable("EDGEMESH_LAB_PLAIN") == "1";

    /// <summary>Where it stands.</summary>
    public LabNetwork Lab => _lab ?? throw new InvalidOperationException("call Require first");

    /// <summary>The product's processes.</summary>
    public LabMesh Mesh => _mesh ?? throw new InvalidOperationException("call RequireMesh first");

    /// <summary>How the dataplanes are started.</summary>
    public virtual MeshOptions Options => new();

    /// <summary>What is built.</summary>
    protected virtual Topology Topology => Topology.ThreeSites(withSecondCloudNode: true);

    /// <summary>Builds and starts it.</summary>
    public async ValueTask InitializeAsync()
    {
        _reason = LabSupport.WhyNot();
        if (_reason is not null)
        {
            return;
        }

        _lab = await LabNetwork.UpAsync(Topology, new LabOptions { IsPlainRouting = IsPlain });
        if (IsPlain)
        {
            return;
        }

        try
        {
            _mesh = await LabMesh.StartAsync(_lab, Options);
            await StartedAsync();
        }
        catch (LabException failure) when (IsRingAsked(Options.Io) && IsRingRefused(failure.Message))
        {
            _reason = "this machine refuses io_uring: " + failure.Message;
        }
    }

    /// <summary>Skips the test, saying why, if no lab can stand here.</summary>
    public void Require() => Assert.SkipWhen(_reason is not null, _reason ?? "");

    /// <summary>Skips the test, saying why, if the product does not run here.</summary>
    public void RequireMesh()
    {
        Require();
        Assert.SkipWhen(IsPlain, "EDGEMESH_LAB_PLAIN=1: this test is about the product's processes");
    }

    /// <summary>Ends and removes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }

        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>What a fixture adds to the running mesh.</summary>
    protected virtual Task StartedAsync() => Task.CompletedTask;

    // io_uring-basic too; auto takes epoll where there is no ring.
    private static bool IsRingAsked(string io) => io.StartsWith("io_uring", StringComparison.Ordinal);

    private static bool IsRingRefused(string message) =>
        message.Contains("io_uring is forbidden", StringComparison.Ordinal) ||
        message.Contains("io_uring is missing", StringComparison.Ordinal);
}
