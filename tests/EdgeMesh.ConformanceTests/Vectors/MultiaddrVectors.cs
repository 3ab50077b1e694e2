using Xunit;

namespace EdgeMesh.ConformanceTests.Vectors;

/// <summary>Addresses and codes that go-multiaddr, as go-libp2p v0.28.2 vendors it, printed.</summary>
internal static class MultiaddrVectors
{
    /// <summary>Gets text and hexadecimal binary.</summary>
    public static TheoryData<string, string> Addresses => new()
    {
        {
            "/ip4/127.0.0.1/tcp/20006",
            "047f000001064e26"
        },
        {
            "/ip4/10.0.0.1/udp/4001/quic-v1",
            "040a00000191020fa1cd03"
        },
        {
            "/ip4/10.0.0.1/udp/4001/quic",
            "040a00000191020fa1cc03"
        },
        {
            "/ip6/::1/tcp/4001",
            "2900000000000000000000000000000001060fa1"
        },
        {
            "/dns4/relay.example/tcp/443/wss",
            "360d72656c61792e6578616d706c650601bbde03"
        },
        {
            "/dns6/relay.example/tcp/80/ws",
            "370d72656c61792e6578616d706c65060050dd03"
        },
        {
            "/dnsaddr/example.org",
            "380b6578616d706c652e6f7267"
        },
        {
            "/dns/h/tcp/1",
            "350168060001"
        },
        {
            "/ip4/11.77.0.1/tcp/20006/p2p/12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeDT/p2p-circuit",
            "040b4d0001064e26a50326002408011220497de2c40f68632a141790ecce87d08c287aa0245713b2ecc080118ce9befe36a2"
            + "02"
        },
        {
            "/ip4/1.2.3.4/tcp/80/tls/ws",
            "0401020304060050c003dd03"
        },
    };

    /// <summary>Gets name, code, and an example of what follows the name.</summary>
    public static TheoryData<string, int, string> Codes => new()
    {
        { "ip4", 4, "/1.2.3.4" },
        { "ip6", 41, "/::1" },
        { "tcp", 6, "/1" },
        { "udp", 273, "/1" },
        { "dns", 53, "/h" },
        { "dns4", 54, "/h" },
        { "dns6", 55, "/h" },
        { "dnsaddr", 56, "/h" },
        { "quic", 460, "" },
        { "quic-v1", 461, "" },
        { "ws", 477, "" },
        { "wss", 478, "" },
        { "tls", 448, "" },
        { "p2p", 421, "/12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeDT" },
        { "p2p-circuit", 290, "" },
        { "http", 480, "" },
        { "webtransport", 465, "" },
        { "certhash", 466, "/uEiAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        { "unix", 400, "/run/a" },
        { "ip6zone", 42, "/eth0/ip6/fe80::1" },
        { "noise", 454, "" },
        { "sni", 449, "/h" },
        { "webrtc-direct", 280, "" },
    };
}
