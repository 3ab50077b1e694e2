using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Watching;
using EdgeMesh.Kubernetes.Objects;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Controller;

public sealed class ClusterFactsTests
{
    [Fact]
    public void Pod_has_its_node_and_addresses_of_both_families()
    {
        PodFacts facts = ClusterFacts.Of(Pod("10.0.0.7", "fd00::7"))!;
        Assert.Equal("a", facts.Node);
        Assert.Equal(["10.0.0.7", "fd00::7"], facts.Addresses.Select(static address => address.ToString()));
        Assert.False(facts.IsEnding);
    }

    [Fact]
    public void Pods_that_have_no_address_of_their_own_do_not_count()
    {
        KubePod host = Pod("10.0.0.7");
        host.Spec!.HostNetwork = true;
        Assert.Null(ClusterFacts.Of(host));
        foreach (string phase in new[] { "Succeeded", "Failed" })
        {
            KubePod done = Pod("10.0.0.7");
            done.Status!.Phase = phase;
            Assert.Null(ClusterFacts.Of(done));
        }

        KubePod waiting = Pod("10.0.0.7");
        waiting.Spec!.NodeName = null;
        Assert.Null(ClusterFacts.Of(waiting));
        Assert.Null(ClusterFacts.Of(Pod()));
        Assert.Null(ClusterFacts.Of(new KubePod()));
    }

    [Fact]
    public void What_is_no_address_is_left_out()
    {
        Assert.Equal(
            ["10.0.0.7"],
            ClusterFacts.Of(Pod("10.1", "10.0.0.7", "10.0.0.7", "::ffff:10.0.0.8", "x", "fe80::1%eth0"))!
                .Addresses.Select(static address => address.ToString()));
    }

    [Fact]
    public void Pod_that_is_being_deleted_is_ending()
    {
        KubePod pod = Pod("10.0.0.7");
        pod.Metadata.DeletionTimestamp = "2030-01-01T00:00:00Z";
        Assert.True(ClusterFacts.Of(pod)!.IsEnding);
    }

    [Fact]
    public void Node_of_an_older_api_has_one_pod_cidr()
    {
        var node = new KubeNode { Spec = new KubeNodeSpec { PodCidr = "10.0.1.0/24" } };
        Assert.Equal("10.0.1.0/24", IpPrefixes.Format(Assert.Single(ClusterFacts.PodCidrsOf(node))));
        Assert.Empty(ClusterFacts.PodCidrsOf(new KubeNode()));
    }

    private static KubePod Pod(params string[] addresses) => new()
    {
        Metadata = { Name = "p", Namespace = "default" },
        Spec = new KubePodSpec { NodeName = "a" },
        Status = new KubePodStatus
        {
            Phase = "Running", PodIps = [.. addresses.Select(static ip => new KubePodIp { Ip = ip })],
        },
    };
}
