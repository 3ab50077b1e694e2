using System;
using CsCheck;
using EdgeMesh.Addresses;
using Xunit;

namespace EdgeMesh.UnitTests.Addresses;

public sealed class UnsignedVarintTests
{
    [Theory] // multiformats unsigned-varint, "Examples"
    [InlineData(0x01UL, "01")]
    [InlineData(0x7fUL, "7f")]
    [InlineData(0x80UL, "8001")]
    [InlineData(0xffUL, "ff01")]
    [InlineData(300UL, "ac02")]
    [InlineData(16384UL, "808001")]
    [InlineData(0x7fff_ffff_ffff_ffffUL, "ffffffffffffffff7f")]
    public void Number_has_the_specified_bytes(ulong value, string hex)
    {
        byte[] bytes = new byte[UnsignedVarint.BytesMax];
        int length = UnsignedVarint.Write(bytes, value);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes.AsSpan(0, length)));
        Assert.Equal(length, UnsignedVarint.LengthOf(value));
    }

    [Fact]
    public void Every_number_comes_back_and_its_truncations_are_incomplete() => Gen.ULong.Sample(number =>
    {
        ulong value = number >> 1;
        byte[] bytes = new byte[UnsignedVarint.BytesMax];
        int length = UnsignedVarint.Write(bytes, value);
        Assert.Equal(VarintResult.Good, UnsignedVarint.TryRead(bytes, out ulong read, out int readBytes));
        Assert.Equal((value, length), (read, readBytes));
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(VarintResult.Incomplete, UnsignedVarint.TryRead(bytes.AsSpan(0, i), out _, out _));
        }
    });

    [Theory]
    [InlineData("8000")]
    [InlineData("ff8000")]
    [InlineData("ffffffffffffffffff")]
    [InlineData("ffffffffffffffffff01")]
    public void Long_spelling_is_refused(string hex) => Assert.Equal(
        VarintResult.Malformed, UnsignedVarint.TryRead(Convert.FromHexString(hex), out _, out _));
}
