using System;
using CsCheck;
using EdgeMesh.Forwarding.Routing;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Routing;

public sealed class PrefixTests
{
    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.244.1.0/24")]
    [InlineData("255.255.255.255/32")]
    public void Canonical_text_of_ipv4_round_trips(string text)
    {
        Assert.True(Prefix4.TryParse(text, out Prefix4 prefix));
        Assert.Equal(text, prefix.ToString());
    }

    [Theory]
    [InlineData("::/0")]
    [InlineData("fd00:1::/64")]
    [InlineData("2001:db8::1/128")]
    public void Canonical_text_of_ipv6_round_trips(string text)
    {
        Assert.True(Prefix6.TryParse(text, out Prefix6 prefix));
        Assert.Equal(text, prefix.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("10.244.1.0")]
    [InlineData("10.244.1.0/")]
    [InlineData("10.244.1.0/33")]
    [InlineData("10.244.1.0/024")]
    [InlineData("10.244.1.1/24")]
    [InlineData("10.244.1/24")]
    [InlineData("10.244.1.0.0/24")]
    [InlineData("10.244.01.0/24")]
    [InlineData("10.244.256.0/24")]
    [InlineData("10.244.1.0/24 ")]
    [InlineData("10.244.1.0/+4")]
    [InlineData("0x0a.1.1.0/24")]
    [InlineData("10.24\0.1.0/24")]
    [InlineData("fd00::/64")]
    public void What_is_no_ipv4_prefix_is_refused(string text) => Assert.False(Prefix4.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("::")]
    [InlineData("::/129")]
    [InlineData("fd00::1/64")]
    [InlineData("fd00::%1/128")]
    [InlineData("[fd00::]/64")]
    [InlineData("fd00::1::/64")]
    [InlineData("10.244.1.0/24")]
    [InlineData(" ::/0")]
    public void What_is_no_ipv6_prefix_is_refused(string text) => Assert.False(Prefix6.TryParse(text, out _));

    [Fact]
    public void Bits_behind_the_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Prefix4(1, 31));
        Assert.Throws<ArgumentException>(() => new Prefix6(UInt128.One, 127));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Prefix4(0, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Prefix6(UInt128.Zero, -1));
    }

    [Fact]
    public void Every_prefix_round_trips_and_covers_its_ends_only()
    {
        Gen.Select(Gen.UInt, Gen.Int[1, 32]).Sample((address, length) =>
        {
            Prefix4 prefix = Prefix4.Covering(address, length);
            Assert.True(Prefix4.TryParse(prefix.ToString(), out Prefix4 parsed));
            Assert.Equal(prefix, parsed);
            Assert.True(prefix.Covers(address) && prefix.Covers(prefix.LastAddress));
            Assert.False(prefix.Covers(unchecked(prefix.Address - 1)));
            Assert.False(prefix.Covers(unchecked(prefix.LastAddress + 1)));
        });
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[1, 128]).Sample((high, low, length) =>
        {
            var address = new UInt128(high, low);
            Prefix6 prefix = Prefix6.Covering(address, length);
            Assert.True(Prefix6.TryParse(prefix.ToString(), out Prefix6 parsed));
            Assert.Equal(prefix, parsed);
            Assert.True(prefix.Covers(address) && prefix.Covers(prefix.LastAddress));
            Assert.False(prefix.Covers(unchecked(prefix.Address - UInt128.One)));
        });
    }
}
