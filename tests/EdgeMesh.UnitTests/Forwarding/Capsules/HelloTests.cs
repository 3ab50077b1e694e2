using System;
using EdgeMesh.Forwarding.Capsules;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Capsules;

public sealed class HelloTests
{
    private static readonly Hello Sample = new()
    {
        NodeName = "edge-a",
        LaneIndex = 2,
        LaneCount = 4,
        Features = HelloFeatures.Checksum | HelloFeatures.Tcp | HelloFeatures.Udp,
        Instance = 0xFEDC_BA98_7654_3210,
        RouteGeneration = ulong.MaxValue,
    };

    [Fact]
    public void Round_trips_however_the_bytes_are_split()
    {
        byte[] bytes = [.. Written(Sample), 0xAA, 0xBB];
        for (int split = 0; split <= bytes.Length; split++)
        {
            var reader = new HelloReader();
            Span<byte> first = bytes.AsSpan(0, split);
            Span<byte> second = bytes.AsSpan(split);
            HelloStatus status = reader.Read(ref first);
            if (status == HelloStatus.NeedMore)
            {
                Assert.True(first.IsEmpty);
                status = reader.Read(ref second);
            }

            Assert.Equal(HelloStatus.Complete, status);
            Assert.Equal(Sample, reader.Hello);
            Assert.Equal(2, first.Length + second.Length); // what follows is not touched
        }
    }

    [Fact]
    public void Encoding_is_protobuf()
    {
        byte[] bytes = Written(new Hello { NodeName = "ab", LaneCount = 1, Features = HelloFeatures.Tcp });
        Assert.Equal([0x0A, 0x08, 0x01, 0x12, 0x02, (byte)'a', (byte)'b', 0x20, 0x01, 0x28, 0x02], bytes);
    }

    [Fact]
    public void Unknown_fields_of_every_wire_type_are_skipped()
    {
        byte[] message =
        [
            0x78, 0x05, // field 15, varint
            0x79, 1, 2, 3, 4, 5, 6, 7, 8, // field 15, 8 bytes
            .. Written(Sample).AsSpan(1),
            0x7A, 0x02, 9, 9, // field 15, length-delimited
            0x7D, 1, 2, 3, 4, // field 15, 4 bytes
        ];
        Assert.True(Hello.TryParse(message, out Hello? hello));
        Assert.Equal(Sample, hello);
    }

    [Fact]
    public void Peer_that_says_nothing_of_lanes_has_one()
    {
        Assert.True(Hello.TryParse([0x08, 0x01, 0x12, 0x01, 0x61], out Hello? hello));
        Assert.Equal(new Hello { NodeName = "a", LaneIndex = 0, LaneCount = 1, Instance = 0 }, hello);
    }

    [Theory]
    [InlineData(new byte[] { })] // nothing at all
    [InlineData(new byte[] { 0x08, 0x01, 0x20, 0x01 })] // no name
    [InlineData(new byte[] { 0x08, 0x00, 0x12, 0x01, 0x61, 0x20, 0x01 })] // version 0
    [InlineData(new byte[] { 0x08, 0x01, 0x12, 0x01, 0x61, 0x20, 0x41 })] // 65 lanes
    [InlineData(new byte[] { 0x08, 0x01, 0x12, 0x01, 0x61, 0x18, 0x01, 0x20, 0x01 })] // lane 1 of 1
    [InlineData(new byte[] { 0x08, 0x01, 0x12, 0x01, 0x20, 0x20, 0x01 })] // a space for a name
    [InlineData(new byte[] { 0x08, 0x01, 0x12, 0x01, 0xC3, 0x20, 0x01 })] // not ASCII
    [InlineData(new byte[] { 0x08, 0x01, 0x12, 0x7F, 0x61, 0x20, 0x01 })] // name beyond the end
    [InlineData(new byte[] { 0x0B, 0x08, 0x01, 0x12, 0x01, 0x61, 0x20, 0x01 })] // a group
    [InlineData(new byte[] { 0x00, 0x01, 0x08, 0x01, 0x12, 0x01, 0x61, 0x20, 0x01 })] // field 0
    [InlineData(new byte[] { 0x08, 0x01, 0x12, 0x01, 0x61, 0x20, 0x01, 0x08 })] // cut in the middle of a field
    public void Nonsense_is_refused(byte[] message) => Assert.False(Hello.TryParse(message, out _));

    [Theory]
    [InlineData(new byte[] { 0x81, 0x04 })] // 513
    [InlineData(new byte[] { 0xFF, 0xFF })] // a length that goes on
    public void Long_length_is_refused_before_its_bytes_come(byte[] bytes)
    {
        Span<byte> data = bytes;
        Assert.Equal(HelloStatus.Malformed, new HelloReader().Read(ref data));
    }

    private static byte[] Written(Hello hello)
    {
        byte[] bytes = new byte[Hello.BytesMax];
        return bytes[..hello.Write(bytes)];
    }
}
