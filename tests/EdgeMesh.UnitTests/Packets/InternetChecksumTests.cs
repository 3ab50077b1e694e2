using System;
using CsCheck;
using EdgeMesh.Packets.Headers;
using Xunit;

namespace EdgeMesh.UnitTests.Packets;

public sealed class InternetChecksumTests
{
    [Fact]
    public void Sum_agrees_with_the_definition_at_every_length_and_alignment() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, 8]).Sample((bytes, skip) =>
        {
            ReadOnlySpan<byte> part = bytes.AsSpan(Math.Min(skip, bytes.Length));
            Assert.Equal(SamplePackets.SlowChecksum(part), InternetChecksum.Fold(InternetChecksum.Sum(part)));
        });

    [Fact]
    public void Sum_of_the_longest_packet_of_ones_does_not_overflow()
    {
        byte[] bytes = new byte[65535];
        bytes.AsSpan().Fill(0xFF);
        Assert.Equal(SamplePackets.SlowChecksum(bytes), InternetChecksum.Fold(InternetChecksum.Sum(bytes)));
    }

    [Fact]
    public void Sum_goes_on_from_another_sum() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            int half = bytes.Length / 4 * 2;
            ulong first = InternetChecksum.Sum(bytes.AsSpan(0, half));
            Assert.Equal(
                SamplePackets.SlowChecksum(bytes),
                InternetChecksum.Fold(InternetChecksum.Sum(bytes.AsSpan(half), first)));
        });

    [Fact] // RFC 1071 §3
    public void Example_of_the_rfc() => Assert.Equal(
        0xDDF2, InternetChecksum.Fold(InternetChecksum.Sum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7])));
}
