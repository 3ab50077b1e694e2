using System;
using System.Linq;
using System.Text;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlPlane.Controller;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Settings;
using EdgeMesh.ControlPlane.DesiredState;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Controller;

public sealed class SettingsReaderTests
{
    private const string Head = "apiVersion: edgemesh.io/v1alpha1\nkind: MeshSettings\n";

    [Fact]
    public void Guides_own_settings_are_taken_and_its_repeated_entry_only_warned_of()
    {
        SettingsResult result = Read(Head
            + "cloudCIDR: [10.244.1.0/24, 10.244.1.0/24]\nedgeCIDR:\n- 10.244.6.0/24\n- 10.244.5.0/24\n"
            + "relayNodes:\n- nodeName: k8s-master\n  advertiseAddress: [1.1.1.1]\nlistenPort: 20007\ntrust: approve\n"
            + "clusterId: \"\"\n");
        Assert.Empty(result.Errors);
        Assert.Equal(
            "f:3:28: cloudCIDR has 10.244.1.0/24 already, in line 3: one is enough",
            Assert.Single(result.Warnings).Format("f"));
        ControllerSettings settings = result.Settings!;
        Assert.Equal(["10.244.1.0/24"], settings.CloudCidr.Select(IpPrefixes.Format));
        Assert.Equal(["10.244.5.0/24", "10.244.6.0/24"], settings.EdgeCidr.Select(IpPrefixes.Format));
        RelayNode relay = Assert.Single(settings.Relays);
        Assert.Equal("k8s-master", relay.Node);
        Assert.Equal(["/ip4/1.1.1.1/tcp/20007"], relay.Addresses);
        Assert.Equal(TrustMode.Approve, settings.Trust);
    }

    [Fact]
    public void Nothing_but_the_head_is_a_mesh_that_carries_nothing()
    {
        SettingsResult result = Read(Head + "cloudCIDR:\nedgeCIDR: null\nrelayNodes: []\n");
        Assert.Empty(result.Errors);
        Assert.Empty(result.Settings!.CloudCidr);
        Assert.Equal(TrustMode.Pin, result.Settings.Trust);
    }

    [Theory]
    [InlineData("1.1.1.1", "/ip4/1.1.1.1/tcp/20006")]
    [InlineData("1.1.1.1:443", "/ip4/1.1.1.1/tcp/443")]
    [InlineData("fd00::1", "/ip6/fd00::1/tcp/20006")]
    [InlineData("[fd00::1]", "/ip6/fd00::1/tcp/20006")]
    [InlineData("[fd00::1]:443", "/ip6/fd00::1/tcp/443")]
    [InlineData("relay.example.com", "/dns/relay.example.com/tcp/20006")]
    [InlineData("relay.example.com:443", "/dns/relay.example.com/tcp/443")]
    [InlineData("/dns4/relay.example.com/tcp/443", "/dns4/relay.example.com/tcp/443")]
    public void Advertised_address_is_what_people_write(string text, string multiaddr)
    {
        Assert.True(AdvertisedAddress.TryParse(text, 20006, out string? parsed, out string? error), error);
        Assert.Equal(multiaddr, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.0.0.0")]
    [InlineData("1.1.1.1:0")]
    [InlineData("1.1.1.1:99999")]
    [InlineData("[fd00::1")]
    [InlineData("[fd00::1]x")]
    [InlineData("fe80::1%eth0")]
    [InlineData("http://relay.example.com")]
    [InlineData("/ip4/1.1.1.1/udp/1")]
    public void Advertised_address_that_nobody_could_dial_is_refused(string text)
    {
        Assert.False(AdvertisedAddress.TryParse(text, 20006, out _, out string? error));
        Assert.Contains("can't be dialed", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1:1: the file is empty")]
    [InlineData("kind: MeshSettings\n", "1:1: 'apiVersion' is missing")]
    [InlineData(Head + "cloudCidr: []\n", "3:1: there is no key 'cloudCidr': did you mean 'cloudCIDR'?")]
    [InlineData(Head + "cloudCIDR: [10.244.1.1/24]\n", "3:13: an entry of cloudCIDR: '10.244.1.1/24' has bits set")]
    [InlineData(
        Head + "cloudCIDR: [10.0.0.0/8]\nedgeCIDR: [10.0.0.0/8]\n", "4:12: 10.0.0.0/8 overlaps 10.0.0.0/8, in line 3")]
    [InlineData(Head + "cloudCIDR: [0.0.0.0/0]\n", "3:13: this is every address there is")]
    [InlineData(Head + "trust: maybe\n", "3:8: trust: 'maybe' is neither pin")]
    [InlineData(Head + "listenPort: 0\n", "3:13: listenPort: '0' is no port")]
    [InlineData(Head + "clusterId: 'a b'\n", "3:12: clusterId: 'a b' is no name")]
    [InlineData(Head + "relayNodes: x\n", "3:13: 'relayNodes' is a list")]
    [InlineData(Head + "relayNodes:\n- advertiseAddress: [1.1.1.1]\n", "4:3: this relay node has no 'nodeName'")]
    [InlineData(Head + "relayNodes:\n- nodeName: a/b\n", "4:13: nodeName: 'a/b' is no node name")]
    [InlineData(Head + "relayNodes:\n- nodeName: a\n- nodeName: a\n", "5:13: 'a' is a relay node already")]
    [InlineData(
        Head + "relayNodes:\n- nodeName: a\n  advertiseAddress: ['1:2:3']\n", "5:22: advertiseAddress: '1:2:3'")]
    [InlineData(Head + "---\nkind: x\n", "3:1: a second document begins here")]
    [InlineData(Head + "cloudCIDR: [\n", "this is no YAML")]
    public void Each_fault_is_told_at_its_place(string text, string error)
    {
        SettingsResult result = Read(text);
        Assert.Null(result.Settings);
        Assert.Contains(error, result.Errors[0].Format("f"), StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_settings_leave_the_good_ones_in_force()
    {
        var log = new LogLines();
        var changed = new ChangeSignal();
        var settings = new CurrentSettings("/x.yaml", changed, log.Log);
        settings.Take(Encoding.UTF8.GetBytes(Head + "trust: approve\n"));
        settings.Take(Encoding.UTF8.GetBytes(Head + "trust: maybe\n"));
        Assert.Equal(TrustMode.Approve, settings.Value!.Trust);
        Assert.Contains("settings_refused", log.Text, StringComparison.Ordinal);
        Assert.Contains("/x.yaml:3:8:", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_at_any_length_the_file_is_read_or_told()
    {
        byte[] whole = Encoding.UTF8.GetBytes(
            Head + "cloudCIDR: [10.244.1.0/24]\nrelayNodes:\n- nodeName: a\n  advertiseAddress: [fd00::1]\n");
        for (int length = 0; length < whole.Length; length++)
        {
            SettingsResult result = SettingsReader.Read(whole.AsSpan(0, length));
            Assert.Equal(result.Settings is null, result.Errors.Count > 0);
        }
    }

    private static SettingsResult Read(string text) => SettingsReader.Read(Encoding.UTF8.GetBytes(text));
}
