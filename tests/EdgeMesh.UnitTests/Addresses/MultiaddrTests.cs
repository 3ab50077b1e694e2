using System;
using System.Linq;
using System.Net;
using CsCheck;
using EdgeMesh.Addresses;
using Xunit;

namespace EdgeMesh.UnitTests.Addresses;

public sealed class MultiaddrTests
{
    private const string Peer = "12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeDT";

    private static readonly string[] Parts =
    [
        "/ip4/10.0.0.1", "/ip6/fd00::1", "/ip6zone/eth0/ip6/fe80::1", "/dns/a.example", "/dns4/b.example",
        "/dns6/c.example", "/dnsaddr/d.example", "/tcp/0", "/tcp/65535", "/udp/4001", "/quic", "/quic-v1", "/tls",
        "/sni/e.example", "/noise", "/ws", "/wss", "/http", "/webtransport", "/webrtc-direct", "/p2p-circuit",
        "/p2p/" + Peer, "/certhash/uEiAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];

    [Fact]
    public void Any_sequence_of_parts_comes_back_from_text_and_from_binary() =>
        Gen.Int[0, Parts.Length - 1].Array[1, 8].Sample(picks =>
        {
            string text = string.Concat(picks.Select(pick => Parts[pick]));
            Multiaddr address = Multiaddr.Parse(text);
            Assert.Equal(text, address.ToString());
            Assert.True(Multiaddr.TryDecode(address.Bytes.Span, out Multiaddr? decoded, out _));
            Assert.Equal(address, decoded);
            Assert.Equal(text, decoded.ToString());
        });

    [Fact]
    public void Random_bytes_are_refused_or_canonical() => Gen.Byte.Array[0, 80].Sample(bytes =>
    {
        if (Multiaddr.TryDecode(bytes, out Multiaddr? address, out _))
        {
            Assert.Equal(bytes, address.Bytes.ToArray());
            Assert.Equal(address, Multiaddr.Parse(address.ToString()));
        }
    });

    [Fact]
    public void Truncation_at_each_length_is_refused_or_a_shorter_address()
    {
        Multiaddr address = Multiaddr.Parse($"/dns4/relay.example/tcp/443/wss/p2p/{Peer}/p2p-circuit");
        for (int length = 0; length < address.Bytes.Length; length++)
        {
            bool isWhole = Multiaddr.TryDecode(
                address.Bytes.Span[..length], out Multiaddr? shorter, out string? reason);
            Assert.Equal(isWhole, reason is null);
            Assert.True(!isWhole || address.ToString().StartsWith(shorter!.ToString(), StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("ip4/1.2.3.4")]
    [InlineData("/ip4/1.2.3.4/")]
    [InlineData("//ip4/1.2.3.4")]
    [InlineData("/ip4")]
    [InlineData("/ip4/")]
    [InlineData("/ip4/1.2.3")]
    [InlineData("/ip4/1.2.3.04")]
    [InlineData("/ip4/0x7f000001")]
    [InlineData("/ip4/256.0.0.1")]
    [InlineData("/ip4/::1")]
    [InlineData("/ip6/1.2.3.4")]
    [InlineData("/ip6/[::1]")]
    [InlineData("/ip6/fe80::1%eth0")]
    [InlineData("/ip6/:::1")]
    [InlineData("/ip6zone/eth0")]
    [InlineData("/ip6zone/eth0/ip4/1.2.3.4")]
    [InlineData("/ip6zone//ip6/::1")]
    [InlineData("/ip4/1.2.3.4/tcp")]
    [InlineData("/ip4/1.2.3.4/tcp/65536")]
    [InlineData("/ip4/1.2.3.4/tcp/-1")]
    [InlineData("/ip4/1.2.3.4/tcp/+1")]
    [InlineData("/ip4/1.2.3.4/tcp/ 1")]
    [InlineData("/ip4/1.2.3.4/tcp/080")]
    [InlineData("/ip4/1.2.3.4/sctp/1")]
    [InlineData("/dns/")]
    [InlineData("/dns/a b")]
    [InlineData("/dns/caf\u00e9")]
    [InlineData("/dns/a\nb")]
    [InlineData("/p2p/nobody")]
    [InlineData("/certhash/EiAA")]
    [InlineData("/certhash/uEiAA")]
    [InlineData("/unix")]
    public void Text_that_is_no_address_is_refused_with_a_reason(string text)
    {
        Assert.False(Multiaddr.TryParse(text, out Multiaddr? address, out string? reason));
        Assert.Null(address);
        Assert.NotEmpty(reason);
        Assert.Throws<FormatException>(() => Multiaddr.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("04")]
    [InlineData("04010203")]
    [InlineData("0506")] // unknown code
    [InlineData("8400" + "01020304")] // code not minimal
    [InlineData("3500")] // empty name
    [InlineData("350568")] // shorter than its length
    [InlineData("35ffffffffffffffff7f")] // length beyond every integer
    [InlineData("35026800")] // a NUL in a name
    [InlineData("3502682f")] // a slash in a name
    [InlineData("a503020000")] // no peer id
    [InlineData("9003016106")] // a path that doesn't begin with a slash
    [InlineData("9003022f61060001")] // something after a path
    [InlineData("2a0465746830")] // a zone without an address
    public void Bytes_that_are_no_address_are_refused_with_a_reason(string hex)
    {
        Assert.False(Multiaddr.TryDecode(Convert.FromHexString(hex), out _, out string? reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void Address_beyond_the_limits_is_refused()
    {
        Assert.True(Multiaddr.TryParse(Repeat("/tcp/1", MultiaddrLimits.ComponentsMax), out _));
        Assert.False(Multiaddr.TryParse(Repeat("/tcp/1", MultiaddrLimits.ComponentsMax + 1), out _));
        Assert.True(Multiaddr.TryParse("/dns/" + new string('a', MultiaddrLimits.NameBytesMax), out _));
        Assert.False(Multiaddr.TryParse("/dns/" + new string('a', MultiaddrLimits.NameBytesMax + 1), out _));
        Assert.False(Multiaddr.TryParse(Repeat("/dns/" + new string('a', 250), 5), out _));
        Assert.False(Multiaddr.TryParse(Repeat("/ws", 2000), out _));
        Assert.False(Multiaddr.TryDecode(new byte[100_000], out _, out _));
    }

    [Theory]
    [InlineData("/ip4/10.99.0.1/tcp/20006", "10.99.0.1", "10.99.0.1", NameFamily.V4, 20006, null)]
    [InlineData("/ip6/fd00::1/tcp/1", "fd00::1", "fd00::1", NameFamily.V6, 1, null)]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", "fe80::1", "fe80::1", NameFamily.V6, 1, "eth0")]
    [InlineData("/ip6zone/2/ip6/fe80::1/tcp/1", "fe80::1", "fe80::1%2", NameFamily.V6, 1, "2")]
    [InlineData("/dns/h/tcp/1", "h", null, NameFamily.Any, 1, null)]
    [InlineData("/dns4/h/tcp/1", "h", null, NameFamily.V4, 1, null)]
    [InlineData("/dns6/h/tcp/1/p2p/" + Peer, "h", null, NameFamily.V6, 1, null)]
    public void Plain_tcp_address_gives_host_and_port(
        string text, string host, string? ip, NameFamily family, int port, string? zone)
    {
        Assert.True(Multiaddr.Parse(text).TryGetTcp(out TcpTarget? target));
        Assert.Equal(new TcpTarget(host, ip is null ? null : IPAddress.Parse(ip), family, port, zone), target);
    }

    [Theory]
    [InlineData("/ip4/1.2.3.4")]
    [InlineData("/tcp/1")]
    [InlineData("/ip4/1.2.3.4/udp/1/quic-v1")]
    [InlineData("/ip4/1.2.3.4/tcp/80/ws")]
    [InlineData("/ip4/1.2.3.4/tcp/80/tls/ws")]
    [InlineData("/dnsaddr/h/tcp/1")]
    [InlineData("/ip4/1.2.3.4/tcp/1/p2p/" + Peer + "/p2p-circuit")]
    [InlineData("/unix/run/a")]
    public void Other_transports_are_no_plain_tcp(string text)
    {
        Assert.False(Multiaddr.Parse(text).TryGetTcp(out _));
        Assert.False(Multiaddr.Parse(text).TryGetTcpEndPoint(out _));
    }

    [Fact]
    public void Endpoint_is_given_where_nothing_has_to_be_resolved()
    {
        Assert.True(Multiaddr.Parse("/ip4/1.2.3.4/tcp/5").TryGetTcpEndPoint(out IPEndPoint? endPoint));
        Assert.Equal(IPEndPoint.Parse("1.2.3.4:5"), endPoint);
        Assert.True(Multiaddr.Parse("/ip6zone/2/ip6/fe80::1/tcp/5").TryGetTcpEndPoint(out endPoint));
        Assert.Equal(IPEndPoint.Parse("[fe80::1%2]:5"), endPoint);
        Assert.False(Multiaddr.Parse("/ip6zone/eth0/ip6/fe80::1/tcp/5").TryGetTcpEndPoint(out _));
        Assert.False(Multiaddr.Parse("/dns/h/tcp/5").TryGetTcpEndPoint(out _));
    }

    [Theory]
    [InlineData("1.2.3.4:5", "/ip4/1.2.3.4/tcp/5")]
    [InlineData("[::1]:5", "/ip6/::1/tcp/5")]
    [InlineData("[::ffff:1.2.3.4]:5", "/ip4/1.2.3.4/tcp/5")]
    [InlineData("[fe80::1%3]:5", "/ip6zone/3/ip6/fe80::1/tcp/5")]
    public void Endpoint_becomes_an_address(string endPoint, string text) =>
        Assert.Equal(text, Multiaddr.FromTcp(IPEndPoint.Parse(endPoint)).ToString());

    [Fact]
    public void Peer_is_the_last_part()
    {
        PeerId peer = PeerId.Parse(Peer);
        Multiaddr address = Multiaddr.Parse("/ip4/1.2.3.4/tcp/5");
        Assert.Null(address.PeerId);
        Assert.Equal(peer, address.WithPeer(peer).PeerId);
        Assert.Equal($"{address}/p2p/{Peer}", address.WithPeer(peer).WithPeer(peer).ToString());

        Multiaddr relayed = Multiaddr.Parse($"/ip4/1.2.3.4/tcp/5/p2p/{Peer}/p2p-circuit");
        Assert.Null(relayed.PeerId);
        Assert.True(relayed.IsRelayed);
        Assert.False(address.IsRelayed);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
