using System;
using EdgeMesh.Addresses;
using Xunit;

namespace EdgeMesh.ConformanceTests.Vectors;

/// <summary>multiformats/multiaddr, sections "Encoding" and "Protocols".</summary>
public sealed class MultiaddrVectorTests
{
    public static TheoryData<string, string> Addresses => MultiaddrVectors.Addresses;

    public static TheoryData<string, int, string> Codes => MultiaddrVectors.Codes;

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Text_and_binary_are_those_of_go(string text, string hex)
    {
        Multiaddr address = Multiaddr.Parse(text);

        Assert.Equal(hex, Convert.ToHexStringLower(address.Bytes.Span));
        Assert.Equal(text, address.ToString());
        Assert.True(Multiaddr.TryDecode(Convert.FromHexString(hex), out Multiaddr? decoded, out _));
        Assert.Equal(text, decoded.ToString());
        Assert.Equal(address, decoded);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Code_of_every_protocol_is_that_of_the_table(string name, int code, string value)
    {
        Multiaddr address = Multiaddr.Parse($"/{name}{value}");

        Assert.Equal(code, address.Components[0].Protocol.Code);
        Assert.Equal(name, address.Components[0].Protocol.Name);
        Assert.True(Multiaddr.TryDecode(address.Bytes.Span, out Multiaddr? decoded, out _));
        Assert.Equal($"/{name}{value}", decoded.ToString());
    }

    [Fact]
    public void Ipfs_is_the_old_name_of_p2p() => Assert.Equal(
        "/p2p/12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeDT",
        Multiaddr.Parse("/ipfs/12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeDT").ToString());
}
