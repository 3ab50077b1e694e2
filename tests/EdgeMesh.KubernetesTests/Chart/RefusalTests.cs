using System.Threading.Tasks;
using Xunit;

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>Wrong values: a sentence each, that names the key and the remedy.</summary>
public sealed class RefusalTests
{
    private const string Edge = "agent.edgeCIDR={10.244.5.0/24}";

    [Theory]
    [InlineData("agent.edgeCIDR={10.244.5.0}", "agent.edgeCIDR: '10.244.5.0' is no prefix: write")]
    [InlineData("agent.edgeCIDR={010.244.5.0/24}", "is no prefix: write")]
    [InlineData("agent.edgeCIDR={10.244.5.0/024}", "is no prefix: write")]
    [InlineData("agent.edgeCIDR={fd00:::/64}", "is no prefix: write")]
    [InlineData("agent.edgeCIDR={1:2:3:4:5:6:7:8:9/64}", "is no prefix: write")]
    [InlineData("agent.edgeCIDR={10.244.5.0/33}", "the length is 0 to 32")]
    [InlineData("agent.edgeCIDR={fd00::/129}", "the length is 0 to 128")]
    [InlineData("agent.edgeCIDR={10.244.5.7/24}", "has bits set after its length: write 10.244.5.0/24")]
    [InlineData("agent.edgeCIDR={fd00:5::1/64}", "has bits set after its length: write fd00:5::/64")]
    [InlineData("agent.edgeCIDR={0.0.0.0/0}", "is every address there is")]
    [InlineData("agent.edgeCIDR={::/0}", "is every address there is")]
    [InlineData("agent.edgeCIDR={127.0.0.0/8}", "loopback addresses stay on their node")]
    [InlineData("agent.edgeCIDR={169.254.0.0/16}", "link-local addresses stay on their link")]
    [InlineData("agent.edgeCIDR={fe80::/64}", "link-local addresses stay on their link")]
    [InlineData("agent.edgeCIDR={224.0.0.0/4}", "multicast is not carried")]
    [InlineData("agent.edgeCIDR={ff00::/8}", "multicast is not carried")]
    public Task A_prefix_that_can_not_be_is_named_with_its_remedy(string set, string sentence) =>
        RefusedAsync(sentence, set);

    [Theory]
    [InlineData(
        "agent.cloudCIDR={10.244.5.0/24}",
        "10.244.5.0/24 stands in agent.cloudCIDR and in agent.edgeCIDR: an entry is one site")]
    [InlineData(
        "agent.cloudCIDR={10.244.0.0/16}", "10.244.5.0/24 (agent.edgeCIDR) overlaps 10.244.0.0/16 (agent.cloudCIDR)")]
    [InlineData(
        "agent.cloudCIDR={10.244.5.128/25}",
        "10.244.5.128/25 (agent.cloudCIDR) overlaps 10.244.5.0/24 (agent.edgeCIDR)")]
    [InlineData("agent.meshCIDRConfig.edgeCIDR={10.244.6.0/24}", "two names of one setting, and differ")]
    [InlineData("agent.modules.edgeTunnel.enable=false", "the tunnel is what carries pods' packets")]
    public Task Entries_that_contradict_each_other_are_named_together(string set, string sentence) =>
        RefusedAsync(sentence, Edge, set);

    [Theory]
    [InlineData("agent.relayNodes[0].nodeName=a", "agent.relayNodes[0] ('a') has no advertiseAddress: give")]
    [InlineData("agent.relayNodes[0].nodeName=a,agent.relayNodes[0].advertiseAddress={}", "has no advertiseAddress")]
    [InlineData("agent.relayNodes[0].advertiseAddress={1.1.1.1}", "agent.relayNodes[0] has no nodeName: give")]
    [InlineData("agent.relayNodes[1].nodeName=a,agent.relayNodes[1].advertiseAddress={1.1.1.1}", "[0] has no nodeName")]
    [InlineData("relayNodes[0].nodeName=A_b,relayNodes[0].advertiseAddress=1.1.1.1", "'A_b' is no node's name")]
    public Task A_relay_that_nobody_can_find_is_named(string set, string sentence) => RefusedAsync(sentence, Edge, set);

    [Theory]
    [InlineData("https://1.1.1.1", "is no address that others can dial: write")]
    [InlineData("1.1.1.1:70000", "is no address that others can dial")]
    [InlineData("1.1.1", "is no address that others can dial")]
    [InlineData("/ip4/1.1.1.1/udp/20006", "is no address that others can dial")]
    [InlineData("-a.example.com", "is no address that others can dial")]
    [InlineData("0.0.0.0", "nobody else reaches this node at 0.0.0.0")]
    [InlineData("127.0.0.1", "nobody else reaches this node at 127.0.0.1")]
    [InlineData("[::1]:443", "nobody else reaches this node at ::1")]
    [InlineData("10.244.5.3", "10.244.5.3 lies in 10.244.5.0/24 (agent.edgeCIDR), which goes through the tunnel")]
    [InlineData("/ip4/10.244.5.3/tcp/20006", "lies in 10.244.5.0/24")]
    public Task An_address_that_nobody_can_dial_is_named(string address, string sentence) => RefusedAsync(
        sentence, Edge, $"relayNodes[0].nodeName=a,relayNodes[0].advertiseAddress={{{address}}}");

    [Theory]
    [InlineData("agent.resources.limits.memory=20Mi", "agent.resources.limits.memory: 20Mi is too little")]
    [InlineData("agent.dataplane.workers=16", "packet pools take 256 MiB")]
    [InlineData("agent.control.resources.limits.memory=lots", "'lots' is no amount of memory")]
    [InlineData("controller.resources.limits.memory=1Mi", "controller.resources.limits.memory: 1Mi is too little")]
    [InlineData("agent.image=kubeedge/edgemesh-agent:v1.17.0", "is upstream's agent")]
    [InlineData("agent.psk=short", "agent.psk is shorter than 16 characters")]
    [InlineData("agent.psk=0123456789abcdef,agent.pskSecret=x", "agent.psk and agent.pskSecret are both given")]
    [InlineData("agent.kubeAPIConfig.master=10.0.0.1", "agent.kubeAPIConfig.master: '10.0.0.1' is no address")]
    [InlineData("agent.extraEnv[0].name=NODE_NAME", "NODE_NAME is set by the chart already")]
    [InlineData("agent.stateDirectory=var/lib", "is no absolute path")]
    public Task Other_values_that_can_not_be_are_named(string set, string sentence) =>
        RefusedAsync(sentence, Edge, set);

    [Fact]
    public Task Upstreams_published_key_is_refused() => RefusedAsync(
        "agent.psk is the key that upstream publishes as its default", Edge,
        // In pieces: nobody shall find it here and use it.
        "agent.psk=JugH9HP1XBouyO5pWGeZa8" + "LtipDURrf17EJvUHcJGuQ=");

    [Fact]
    public Task The_guides_mistake_with_spiderpool_is_refused() => RefusedAsync(
        "10.244.20.200 lies outside of ipv4Subnet 10.244.0.0/24 (upstream's guide has this mistake)",
        "spiderpool.clusterDefaultPool.ipv4Subnet=10.244.0.0/24",
        "spiderpool.clusterDefaultPool.ipv4IPRanges={10.244.0.0-10.244.20.200}");

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        string told = await HelmTool.Require("helm3").RefusalAsync(
            "agent.edgeCIDR={x}", "agent.cloudCIDR={10.0.0.1/8}", "relayNodes[0].nodeName=a");
        Assert.Contains("3 of the values can't be:", told, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agent.cloudCDIR={10.244.1.0/24}", "cloudCDIR")]
    [InlineData("agents.cloudCIDR={10.244.1.0/24}", "agents")]
    [InlineData("agent.cloudCIDR=5", "cloudCIDR")]
    [InlineData("agent.relayNodes=5", "relayNodes")]
    [InlineData("agent.relayNodes[0].name=a", "name")]
    [InlineData("agent.preset=everywhere", "preset")]
    [InlineData("agent.seccompProfile=None", "seccompProfile")]
    [InlineData("agent.modules.edgeTunnel.listenPort=0", "listenPort")]
    [InlineData("agent.modules.edgeTunnel.listenPort=70000", "listenPort")]
    [InlineData("agent.modules.edgeTunnel.transport=udp", "transport")]
    [InlineData("agent.modules.edgeCNI.enable=maybe", "enable")]
    [InlineData("controller.replicas=two", "replicas")]
    [InlineData("trust=nobody", "trust")]
    [InlineData("image.digest=abc", "digest")]
    [InlineData("agent.tunName=a-name-that-is-too-long", "tunName")]
    [InlineData("agent.dataplane.mtu=100", "mtu")]
    public async Task The_schema_refuses_what_nobody_knows_and_wrong_types(string set, string key)
    {
        foreach (string version in new[] { "helm3", "helm4" })
        {
            string told = await HelmTool.Require(version).RefusalAsync(set);
            Assert.Contains("don't meet the specifications of the schema", told, System.StringComparison.Ordinal);
            Assert.Contains(key, told, System.StringComparison.Ordinal);
        }
    }

    private static async Task RefusedAsync(string sentence, params string[] sets) =>
        Assert.Contains(sentence, await HelmTool.Require("helm4").RefusalAsync(sets), System.StringComparison.Ordinal);
}
