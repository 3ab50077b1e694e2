using System;
using System.Linq;
using CsCheck;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

public sealed class ProtocolTests
{
    [Fact]
    public void Preambles_are_read_back_and_refused_when_cut() =>
        Gen.Select(Gen.Enum<ConnectionRole>(), Gen.UShort, Gen.ULong).Sample((role, stream, token) =>
        {
            var preamble = new Preamble(role, stream, token);
            byte[] bytes = new byte[Preamble.SizeBytes];
            preamble.Write(bytes);
            Assert.Equal(role != ConnectionRole.None, Preamble.TryParse(bytes, out Preamble read));
            Assert.True(role == ConnectionRole.None || read == preamble);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(Preamble.TryParse(bytes.AsSpan(0, length), out _));
            }
        });

    [Fact]
    public void A_preamble_of_another_version_is_refused()
    {
        byte[] bytes = new byte[Preamble.SizeBytes];
        new Preamble(ConnectionRole.Control, 0, 0).Write(bytes);
        bytes[4]++;
        Assert.False(Preamble.TryParse(bytes, out _));
    }

    [Fact]
    public void Heads_of_datagrams_are_read_back_and_refused_when_cut() =>
        Gen.Select(Gen.ULong, Gen.UShort, Gen.Long[-1, long.MaxValue], Gen.Long)
            .Sample((token, stream, sequence, time) =>
        {
            var datagram = new UdpDatagram(token, stream, sequence, time);
            byte[] bytes = new byte[UdpDatagram.HeaderBytes];
            datagram.Write(bytes);
            Assert.True(UdpDatagram.TryParse(bytes, out UdpDatagram read));
            Assert.Equal(datagram, read);
            Assert.False(UdpDatagram.TryParse(bytes.AsSpan(1), out _));
        });

    [Fact]
    public void Messages_are_read_back_and_refused_when_cut()
    {
        var message = new ControlMessage
        {
            Word = MessageWord.Request,
            Request = new MeasurementRequest
            {
                Test = TestKind.UdpBulk,
                MessageBytes = 1200,
                ResponseBytes = 64,
                DurationMillis = 5,
            },
        };
        byte[] bytes = message.ToBytes();
        Assert.True(ControlMessage.TryParse(bytes, out ControlMessage read));
        Assert.Equal(message, read);
        Assert.All(Enumerable.Range(0, bytes.Length), length =>
            Assert.False(ControlMessage.TryParse(bytes.AsSpan(0, length), out _)));
    }

    [Fact]
    public void The_longest_outcome_fits_a_message()
    {
        double[] values = [.. Enumerable.Repeat(123456789012.34567, MeasuringLimits.IntervalsMax + 1)];
        var message = new ControlMessage
        {
            Word = MessageWord.Outcome,
            Outcome = new SideOutcome
            {
                Received = new ReceivedOutcome { Seconds = 1, BitsPerSecond = values, StreamBytes = values[..128] },
            },
        };
        Assert.InRange(message.ToBytes().Length, 1, ControlMessage.BytesMax);
        Assert.True(ControlMessage.TryParse(message.ToBytes(), out _));
    }

    [Theory]
    [InlineData("streams", 0)]
    [InlineData("streams", 129)]
    [InlineData("bytes", 0)]
    [InlineData("bytes", (1 << 20) + 1)]
    [InlineData("duration", 0)]
    [InlineData("interval", 9)]
    [InlineData("rate", -1)]
    [InlineData("segments", 65)]
    [InlineData("test", 99)]
    public void Impossible_requests_are_refused_with_a_remedy(string what, int value)
    {
        var request = new MeasurementRequest { MessageBytes = 100, ResponseBytes = 100, DurationMillis = 1000 };
        Assert.Null(request.Problem());
        MeasurementRequest impossible = what switch
        {
            "streams" => request with { Streams = value },
            "bytes" => request with { MessageBytes = value },
            "duration" => request with { DurationMillis = value },
            "interval" => request with { IntervalMillis = value },
            "rate" => request with { RatePerSecond = value },
            "segments" => request with { SegmentsPerSend = value },
            _ => request with { Test = (TestKind)value },
        };
        Assert.NotNull(impossible.Problem());
    }

    [Theory]
    [InlineData("""{"word":"Outcome","outcome":{"received":{"seconds":-1}}}""")]
    [InlineData("""{"word":"Outcome","outcome":{"cpuSeconds":-1}}""")]
    [InlineData("""{"word":"Outcome","outcome":{"received":{"seconds":1,"bitsPerSecond":null}}}""")]
    [InlineData("""{"word":"Outcome"}""")]
    [InlineData("""{"word":"Grant","grant":{"udpPort":70000}}""")]
    [InlineData("""{"word":"Grant","grant":{"version":null}}""")]
    [InlineData("""{"word":"Request","request":{"streams":1e9}}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Messages_that_break_the_protocol_are_refused(string json) =>
        Assert.False(ControlMessage.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out _));
}
