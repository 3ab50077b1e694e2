using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.UnitTests.ControlChannel;

public sealed class MessageReaderTests
{
    private static readonly Request Sample = new() { Id = 7, Ping = new PingRequest { Target = "10.244.5.9" } };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100_000)]
    public async Task Messages_come_back_however_the_stream_is_cut(int pieceBytes)
    {
        var large = new Request { Id = 8, Ping = new PingRequest { Target = new string('x', 300_000) } };
        byte[] bytes = [.. MessageWriter.Encode(Sample), .. MessageWriter.Encode(large),
            .. MessageWriter.Encode(Sample)];
        MessageReader<Request> reader = Reader(bytes, pieceBytes);
        Assert.Equal(Sample, await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(large, await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(Sample, await reader.ReadAsync(CancellationToken.None));
        Assert.Null(await reader.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_message_cut_at_each_length_is_never_a_message()
    {
        byte[] whole = MessageWriter.Encode(Sample);
        for (int length = 1; length < whole.Length; length++)
        {
            var e = await Assert.ThrowsAsync<ControlChannelException>(
                async () => await Reader(whole[..length]).ReadAsync(CancellationToken.None));
            Assert.Equal(ControlFault.Closed, e.Fault);
        }
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        Assert.Equal(new Request(), await Reader([0]).ReadAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f })] // a varint of five bytes
    [InlineData(new byte[] { 0x81, 0x80, 0x80, 0x10 })]       // 32 MiB and one byte
    [InlineData(new byte[] { 0x02, 0xff, 0xff })]             // no protobuf
    public async Task Bytes_that_are_no_message_are_refused(byte[] bytes)
    {
        var e = await Assert.ThrowsAsync<ControlChannelException>(
            async () => await Reader(bytes).ReadAsync(CancellationToken.None));
        Assert.Equal(ControlFault.Malformed, e.Fault);
    }

    [Fact]
    public async Task A_claimed_length_costs_no_memory_before_its_bytes_come()
    {
        byte[] claim = [0x80, 0x80, 0x80, 0x10]; // 32 MiB, the limit
        MessageReader<Request> reader = Reader([.. claim, .. new byte[10_000]]);
        await Assert.ThrowsAsync<ControlChannelException>(async () => await reader.ReadAsync(CancellationToken.None));
        Assert.InRange(reader.BufferBytes, 1, 32 * 1024);
    }

    [Fact]
    public async Task The_buffer_shrinks_after_a_large_message()
    {
        var large = new Request { Ping = new PingRequest { Target = new string('x', 1_000_000) } };
        MessageReader<Request> reader = Reader(MessageWriter.Encode(large));
        Assert.NotNull(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(ControlLimits.ReceiveBytesInitial, reader.BufferBytes);
    }

    [Fact]
    public void A_message_over_the_limit_is_not_sent()
    {
        string text = new('x', ControlLimits.MessageBytesMax);
        var tooLarge = new Request { Ping = new PingRequest { Target = text } };
        Assert.Throws<ControlChannelException>(() => MessageWriter.Encode(tooLarge));
    }

    [Fact]
    public void A_hundred_thousand_routes_fit_one_message()
    {
        var routes = new Routes();
        routes.Routes_.AddRange(Enumerable.Range(0, 100_000).Select(i => new Route
        {
            Prefix = new IpPrefix { Address = Google.Protobuf.ByteString.CopyFrom(new byte[16]), Length = 128 },
            Node = new string('n', ControlLimits.NodeNameBytesMax),
        }));
        Assert.InRange(MessageWriter.Encode(new Response { Id = 1, Routes = routes }).Length, 1,
            ControlLimits.MessageBytesMax);
    }

    private static MessageReader<Request> Reader(byte[] bytes, int pieceBytes = int.MaxValue) =>
        new(new PieceStream(bytes, pieceBytes), Request.Parser);

    private sealed class PieceStream(byte[] bytes, int pieceBytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(pieceBytes, buffer.Length)], cancellationToken);
    }
}
