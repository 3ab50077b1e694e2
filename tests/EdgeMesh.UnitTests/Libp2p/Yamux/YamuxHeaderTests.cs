using System;
using EdgeMesh.Libp2p.Yamux;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Yamux;

public sealed class YamuxHeaderTests
{
    /// <summary>The examples of the specification digest.</summary>
    public static TheoryData<string, YamuxFrameType, YamuxFlags, uint, uint> Examples => new()
    {
        { "000100010000000100000000", YamuxFrameType.WindowUpdate, YamuxFlags.Syn, 1, 0 },
        { "000100020000000100000000", YamuxFrameType.WindowUpdate, YamuxFlags.Ack, 1, 0 },
        { "000000000000000100000005", YamuxFrameType.Data, YamuxFlags.None, 1, 5 },
        { "000000010000000300000014", YamuxFrameType.Data, YamuxFlags.Syn, 3, 20 },
        { "000100000000000100020000", YamuxFrameType.WindowUpdate, YamuxFlags.None, 1, 131072 },
        { "000100020000000100fc0000", YamuxFrameType.WindowUpdate, YamuxFlags.Ack, 1, 16515072 },
        { "000100040000000100000000", YamuxFrameType.WindowUpdate, YamuxFlags.Fin, 1, 0 },
        { "000100080000000100000000", YamuxFrameType.WindowUpdate, YamuxFlags.Rst, 1, 0 },
        { "000200010000000000000007", YamuxFrameType.Ping, YamuxFlags.Syn, 0, 7 },
        { "000200020000000000000007", YamuxFrameType.Ping, YamuxFlags.Ack, 0, 7 },
        { "000300000000000000000000", YamuxFrameType.GoAway, YamuxFlags.None, 0, 0 },
        { "000300000000000000000001", YamuxFrameType.GoAway, YamuxFlags.None, 0, 1 },
        { "000300000000000000000002", YamuxFrameType.GoAway, YamuxFlags.None, 0, 2 },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Examples_of_the_specification_are_read_and_written(
        string hex, YamuxFrameType type, YamuxFlags flags, uint streamId, uint length)
    {
        byte[] bytes = Convert.FromHexString(hex);
        var expected = new YamuxHeader(type, flags, streamId, length);
        Assert.Equal(YamuxViolation.None, YamuxHeader.Parse(bytes, out YamuxHeader header));
        Assert.Equal(expected, header);
        byte[] written = new byte[YamuxHeader.SizeBytes];
        expected.Write(written);
        Assert.Equal(bytes, written);
    }

    [Theory]
    [InlineData("010100010000000100000000", YamuxViolation.UnknownVersion)]
    [InlineData("000400010000000100000000", YamuxViolation.UnknownFrameType)]
    [InlineData("00ff00010000000100000000", YamuxViolation.UnknownFrameType)]
    [InlineData("000000000000000000000005", YamuxViolation.WrongStreamZero)]
    [InlineData("000100000000000000000005", YamuxViolation.WrongStreamZero)]
    [InlineData("000200010000000100000007", YamuxViolation.WrongStreamZero)]
    [InlineData("000300000000000100000000", YamuxViolation.WrongStreamZero)]
    public void A_header_that_no_peer_may_send_is_named(string hex, YamuxViolation violation) =>
        Assert.Equal(violation, YamuxHeader.Parse(Convert.FromHexString(hex), out _));

    [Fact]
    public void Flags_that_nobody_defined_are_dropped()
    {
        YamuxHeader.Parse(Convert.FromHexString("0000fff10000000100000000"), out YamuxHeader header);
        Assert.Equal(YamuxFlags.Syn, header.Flags);
    }
}
