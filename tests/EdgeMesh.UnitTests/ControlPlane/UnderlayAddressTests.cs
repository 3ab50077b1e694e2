using EdgeMesh.Addresses;
using EdgeMesh.ControlPlane.DesiredState;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class UnderlayAddressTests
{
    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/20006", "192.0.2.1")]
    [InlineData("/ip4/127.0.0.1/tcp/1", "127.0.0.1")]
    [InlineData("/ip6/2001:db8::1/tcp/65535", "2001:db8::1")]
    [InlineData("/dns/relay.example.org/tcp/443", null)]
    [InlineData("/dns4/host_1/tcp/443", null)]
    [InlineData("/dns6/a.b-c/tcp/443", null)]
    public void An_address_is_read(string text, string? ip)
    {
        Assert.True(UnderlayAddress.TryParse(text, out Multiaddr? address, out _, out _));
        Assert.Equal((text, ip is not null), (address.ToString(), address.TryGetTcpEndPoint(out _)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/ip4")]
    [InlineData("/ip4/192.0.2.1")]
    [InlineData("/ip4/192.0.2.1/tcp")]
    [InlineData("/ip4/192.0.2.1/tcp/")]
    [InlineData("/ip4/192.0.2.1/tcp/65536")]
    [InlineData("/ip4/192.0.2.1/tcp/-1")]
    [InlineData("/ip4/192.0.2.1/tcp/20006/")]
    [InlineData("/ip4/192.0.2.1/tcp/20006/ws")]
    [InlineData("/ip4/192.0.2.1/tcp/20006/p2p/x")]
    [InlineData("/ip4/192.0.2.1/tcp/20006/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit")]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/20006")]
    [InlineData("/ip4/192.0.2.01/tcp/20006")]
    [InlineData("/ip4/::1/tcp/20006")]
    [InlineData("/ip4/0.0.0.0/tcp/20006")]
    [InlineData("/ip4/224.0.0.1/tcp/20006")]
    [InlineData("/ip6/192.0.2.1/tcp/20006")]
    [InlineData("/ip6/::/tcp/20006")]
    [InlineData("/ip6/::ffff:192.0.2.1/tcp/20006")]
    [InlineData("/ip6/fe80::1%eth0/tcp/20006")]
    [InlineData("/ip6/ff02::1/tcp/20006")]
    [InlineData("/dns//tcp/20006")]
    [InlineData("/dns/-a/tcp/20006")]
    [InlineData("/dns/a..b/tcp/20006")]
    [InlineData("/dns/a b/tcp/20006")]
    [InlineData("/unix/run/tcp/1")]
    public void What_is_no_address_is_explained(string text)
    {
        Assert.False(UnderlayAddress.TryParse(text, out Multiaddr? address, out string? problem, out string remedy));
        Assert.Null(address);
        Assert.NotEmpty(problem);
        Assert.StartsWith("write ", remedy);
    }

    [Theory]
    [InlineData("10.99.0.1:20006", "this is no multiaddr: write it as in /ip4/192.0.2.1/tcp/20006")]
    [InlineData("/ip4/192.0.2/tcp/1", "'192.0.2' is no IPv4 address: write it as in /ip4/192.0.2.1/tcp/20006")]
    [InlineData("/ip4/192.0.2.1/tcp", "/tcp has no value: write it as in /ip4/192.0.2.1/tcp/20006")]
    [InlineData("/ip4/192.0.2.1/tcp/0", "'0' is no TCP port: write a number from 1 to 65535")]
    [InlineData("/ip4/0.0.0.0/tcp/1", "nobody can be reached at 0.0.0.0: write the address other nodes dial")]
    [InlineData("/ip6/::ffff:192.0.2.1/tcp/1",
        "'::ffff:192.0.2.1' is an IPv4 address in IPv6's clothes: write /ip4/192.0.2.1")]
    public void Cause_and_remedy_are_named(string text, string message)
    {
        Assert.False(UnderlayAddress.TryParse(text, out _, out string? problem, out string remedy));
        Assert.Equal(message, $"{problem}: {remedy}");
    }
}
