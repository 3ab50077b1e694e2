using EdgeMesh.ControlPlane.Sources;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class MultiaddrTextTests
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
        Assert.True(MultiaddrText.TryParse(text, out UnderlayAddress? address, out _));
        Assert.Equal((text, ip), (address.Text, address.Address?.ToString()));
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
    [InlineData("/ip4/192.0.2.1/tcp/20006/ipfs/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA")]
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
        Assert.False(MultiaddrText.TryParse(text, out UnderlayAddress? address, out string? error));
        Assert.Null(address);
        Assert.NotEmpty(error);
    }
}
