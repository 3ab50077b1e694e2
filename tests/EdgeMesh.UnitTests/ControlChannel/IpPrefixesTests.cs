using System.Net;
using CsCheck;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;
using Xunit;
using static EdgeMesh.UnitTests.ControlChannel.SampleMeshes;

namespace EdgeMesh.UnitTests.ControlChannel;

public sealed class IpPrefixesTests
{
    [Theory]
    [InlineData("10.244.1.0/24")]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.244.1.7/32")]
    [InlineData("fd00:1::/64")]
    [InlineData("fd00::1/128")]
    [InlineData("::/0")]
    [InlineData("10.244.1.128/25")]
    public void Text_comes_back(string text) => Assert.Equal(text, IpPrefixes.Format(Prefix(text)));

    [Theory]
    [InlineData("10.244.1.0", "has no length")]
    [InlineData("10.244.1/24", "is no IP address")]
    [InlineData("010.244.1.0/24", "is no IP address")]
    [InlineData("0x0a.0.0.0/8", "is no IP address")]
    [InlineData("[fd00::]/64", "is no IP address")]
    [InlineData("fe80::%eth0/64", "is no IP address")]
    [InlineData("10.0.0.0/33", "from 0 to 32")]
    [InlineData("fd00::/129", "from 0 to 128")]
    [InlineData("10.0.0.0/+8", "from 0 to 32")]
    [InlineData("10.0.0.0/08", "from 0 to 32")]
    [InlineData("10.0.0.0/", "from 0 to 32")]
    [InlineData("10.0.0.0/8/8", "from 0 to 32")]
    [InlineData("10.244.1.1/24", "write 10.244.1.0/24")]
    [InlineData("10.244.255.0/17", "write 10.244.128.0/17")]
    [InlineData("fd00:1::1/64", "write fd00:1::/64")]
    [InlineData("", "has no length")]
    [InlineData("/", "is no IP address")]
    public void A_faulty_text_is_explained(string text, string explanation)
    {
        Assert.False(IpPrefixes.TryParse(text, out IpPrefix? prefix, out string? error));
        Assert.Null(prefix);
        Assert.Contains(explanation, error);
    }

    [Fact]   // the oracle is the platform's own
    public void Canonical_and_containing_agree_with_IPNetwork()
    {
        Gen.Select(Gen.Byte.Array[4], Gen.Int[0, 32], Gen.Byte.Array[4], Gen.Int[0, 32])
            .Sample((a, aLength, b, bLength) =>
        {
            var one = new IpPrefix { Address = ByteString.CopyFrom(a), Length = (uint)aLength };
            var network = IPNetwork.Parse($"{new IPAddress(a)}/{aLength}"); // clears the bits after the length
            bool isNetwork = network.BaseAddress.Equals(new IPAddress(a));
            Assert.Equal(isNetwork, IpPrefixes.IsCanonical(one));
            if (isNetwork)
            {
                Assert.Equal(network.Contains(new IPAddress(b)), IpPrefixes.Covers(one, b));
                var other = new IpPrefix { Address = ByteString.CopyFrom(b), Length = (uint)bLength };
                Assert.Equal(aLength <= bLength && network.Contains(new IPAddress(b)), IpPrefixes.Contains(one, other));
            }
        }, iter: 10_000);
    }

    [Fact]
    public void Families_never_cover_each_other()
    {
        Assert.False(IpPrefixes.Overlap(Prefix("0.0.0.0/0"), Prefix("::/0")));
        Assert.True(IpPrefixes.Overlap(Prefix("10.0.0.0/8"), Prefix("10.1.0.0/16")));
        Assert.True(IpPrefixes.Overlap(Prefix("10.1.0.0/16"), Prefix("10.0.0.0/8")));
    }
}
