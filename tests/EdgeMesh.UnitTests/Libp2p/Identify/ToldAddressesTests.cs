using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identify;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Identify;

/// <summary>Addresses that say "all interfaces" help nobody: the peer is told the one that it reaches.</summary>
public sealed class ToldAddressesTests
{
    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/1", "/ip4/10.0.0.1/tcp/40000", "/ip4/192.0.2.1/tcp/1")]
    [InlineData("/ip4/0.0.0.0/tcp/1", "/ip4/10.0.0.1/tcp/40000", "/ip4/10.0.0.1/tcp/1")]
    [InlineData("/ip4/0.0.0.0/tcp/1/ws", "/ip4/10.0.0.1/tcp/40000", "/ip4/10.0.0.1/tcp/1/ws")]
    [InlineData("/ip6/::/tcp/1", "/ip6/2001:db8::1/tcp/40000", "/ip6/2001:db8::1/tcp/1")]
    [InlineData("/ip6/::/tcp/1", "/ip4/10.0.0.1/tcp/40000", "/ip4/10.0.0.1/tcp/1")]
    [InlineData("/ip4/0.0.0.0/tcp/1", "/ip6/2001:db8::1/tcp/40000", "")]
    [InlineData("/ip6/::/tcp/1", "/ip6zone/eth0/ip6/fe80::1/tcp/40000", "")]
    [InlineData("/ip4/0.0.0.0/tcp/1", null, "")]
    [InlineData("/ip4/127.0.0.1/tcp/1", null, "/ip4/127.0.0.1/tcp/1")]
    [InlineData("/ip4/0.0.0.0/tcp/1 /ip6/::/tcp/1", "/ip4/10.0.0.1/tcp/40000", "/ip4/10.0.0.1/tcp/1")]
    [InlineData(
        "/ip4/0.0.0.0/tcp/1 /dns4/a.example/tcp/2", "/ip4/10.0.0.1/tcp/40000",
        "/ip4/10.0.0.1/tcp/1 /dns4/a.example/tcp/2")]
    public void An_unspecified_address_becomes_the_one_that_is_reached(string listen, string? local, string told) =>
        Assert.Equal(
            told,
            string.Join(' ', ToldAddresses.For(
                [.. listen.Split(' ').Select(Multiaddr.Parse)], local is null ? null : Multiaddr.Parse(local))));
}
