using System.Linq;
using System.Net;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using EdgeMesh.Native.Netlink;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Kubernetes;

public sealed class OwnAddressesTests
{
    private static readonly LinkInfo[] Links =
    [
        new(1, "lo", 65536, true, "", ""),
        new(2, "eth0", 1500, true, "", ""),
        new(3, "cni0", 1500, true, "", "bridge"),
        new(4, "edge_tun0", 1500, true, "", "tun"),
        new(5, "eth1", 1500, false, "", ""),
    ];

    private static readonly AddressInfo[] Addresses =
    [
        new(1, IPAddress.Loopback, 8),
        new(2, IPAddress.Parse("fe80::1"), 64),
        new(2, IPAddress.Parse("2001:db8::1"), 64),
        new(2, IPAddress.Parse("192.0.2.1"), 24),
        new(3, IPAddress.Parse("10.244.1.1"), 24),
        new(4, IPAddress.Parse("198.51.100.4"), 32),
        new(5, IPAddress.Parse("198.51.100.5"), 24),
    ];

    [Theory]
    [InlineData(2, "192.0.2.1 2001:db8::1")]
    [InlineData(4, "")]
    [InlineData(5, "")]
    [InlineData(0, "192.0.2.1 2001:db8::1")] // several next hops: the links of hardware
    public void Addresses_of_links_with_a_default_route_are_taken(int link, string expected) => Assert.Equal(
        expected,
        string.Join(' ', OwnAddresses.Candidates(
            Links, Addresses, [new(IPNetwork.Parse("0.0.0.0/0"), link, 3, 0, null)], "edge_tun0")));

    [Theory]
    [InlineData("/ip4/0.0.0.0/tcp/20006 /ip6/::/tcp/20007", "/ip4/192.0.2.1/tcp/20006 /ip6/2001:db8::1/tcp/20007")]
    [InlineData("/ip4/0.0.0.0/tcp/20006", "/ip4/192.0.2.1/tcp/20006")]
    [InlineData("/ip4/198.51.100.7/tcp/443", "/ip4/198.51.100.7/tcp/443")]
    [InlineData("/ip4/127.0.0.1/tcp/443", "")]
    [InlineData("", "")]
    public void Where_the_data_plane_listens_decides_families_and_ports(string listen, string expected) => Assert.Equal(
        expected,
        string.Join(' ', OwnAddresses.Select(
            [], listen.Split(' '), [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], null)));

    [Fact]
    public void What_the_operator_advertises_takes_the_place_of_all()
    {
        string[] addresses =
        [
            .. OwnAddresses.Select(
                ["203.0.113.1", "relay.example.com:443", "nonsense/", "203.0.113.1"], ["/ip4/0.0.0.0/tcp/20009"],
                [IPAddress.Parse("192.0.2.1")], null),
        ];
        Assert.Equal(["/ip4/203.0.113.1/tcp/20009", "/dns/relay.example.com/tcp/443"], addresses);
    }

    [Fact]
    public void Addresses_of_pods_are_never_published() => Assert.Equal(
        ["/ip4/192.0.2.1/tcp/20006"],
        OwnAddresses.Select(
            [], ["/ip4/0.0.0.0/tcp/20006"],
            [.. new[] { "10.244.1.7", "10.244.5.1", "192.0.2.1" }.Select(IPAddress.Parse)],
            SampleMeshes.Document(1, SampleMeshes.Node("a", 1, "10.244.1.0/25"))));
}
