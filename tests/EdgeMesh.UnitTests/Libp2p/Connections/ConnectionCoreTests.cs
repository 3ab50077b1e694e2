using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>The core alone: no loop, no pipe, no task; the test says what time it is.</summary>
public sealed class ConnectionCoreTests
{
    private const long Second = 1_000_000_000;
    private const string Tunnel = "/tunnel/1.0.0";

    private readonly SecuredConnection _keys = SecuredPair.Keys(isInitiator: true);
    private readonly RecordingConsumer _consumer = new();
    private readonly HandDriver _driver;
    private readonly ConnectionCore _core;

    public ConnectionCoreTests()
    {
        _driver = new HandDriver { Now = Second };
        _core = new ConnectionCore(
            SecuredPair.Keys(isInitiator: false),
            new ConnectionOptions(),
            RawConnection.SetupOf(Tunnel, _consumer),
            _driver.Memory,
            _driver,
            _driver.Now);
        _driver.Core = _core;
    }

    [Fact]
    public void Bytes_in_make_bytes_out_and_open_the_stream()
    {
        Receive(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, [.. RawConnection.ProposalOf(Tunnel), 1, 2]));
        Assert.Equal([1, 2], _consumer.Received.ToArray());
        List<YamuxHeader> frames = Sent();
        Assert.Contains(frames, frame => frame.StreamId == 1 && frame.Has(YamuxFlags.Ack));
        int flushes = _driver.Flushes;
        byte[] frame = new byte[YamuxHeader.SizeBytes + 100];
        Assert.True(_consumer.Stream!.TryWrite(frame));
        Assert.Equal(flushes, _driver.Flushes);
        _consumer.Stream.Flush();
        Assert.Equal(flushes + 1, _driver.Flushes);
        Assert.Equal(100u, Assert.Single(Sent()).Length);
    }

    [Fact]
    public void While_a_flush_is_on_its_way_nothing_is_written_and_it_is_given_up_in_time()
    {
        Receive(RawPeer.Frame(YamuxFrameType.Data, YamuxFlags.Syn, 1, RawConnection.ProposalOf(Tunnel)));
        _driver.IsSlow = true;
        byte[] frame = new byte[YamuxHeader.SizeBytes + 100];
        Assert.True(_consumer.Stream!.TryWrite(frame));
        _consumer.Stream.Flush();
        Assert.Equal(0, _consumer.Stream.WritableBytes);
        Assert.False(_consumer.Stream.TryWrite(frame));
        Assert.Equal(0, _consumer.WritableCalls);
        _core.HandleFlushed();
        _core.Service(_driver.Now);
        Assert.Equal(1, _consumer.WritableCalls);
        Assert.True(_consumer.Stream.TryWrite(frame));
        _consumer.Stream.Flush();
        _driver.Now += 59 * Second;
        _core.HandleTimeout(_driver.Now, heardAt: _driver.Now);
        Assert.Equal(CloseReason.None, _core.CloseReason);
        _driver.Now += Second;
        _core.HandleTimeout(_driver.Now, heardAt: _driver.Now);
        Assert.NotEqual(CloseReason.None, _core.CloseReason);
        Assert.Equal(StreamEnd.ConnectionEnded, _consumer.End);
        Assert.Equal(1, _driver.Ends);
    }

    [Fact]
    public void Timeouts_alone_ping_and_give_up_a_silent_peer()
    {
        long now = _driver.Now;
        int pings = 0;
        while (!_core.IsOver)
        {
            Assert.True(_core.NextTimeout > now || pings == 0, "time moves on");
            now = Math.Max(now, _core.NextTimeout);
            _driver.Now = now;
            _core.HandleTimeout(now, long.MinValue);
            pings += Sent().Count(frame => frame.Type == YamuxFrameType.Ping);
        }

        Assert.Equal(1, pings);
        Assert.Equal(CloseReason.KeepAliveTimeout, _core.CloseReason);
        Assert.InRange(now - Second, 3 * Second, 6 * Second);
    }

    [Fact]
    public void An_error_of_the_output_waits_a_second_for_what_the_input_says()
    {
        _core.HandleOutputBroken(new InvalidOperationException("reset"), _driver.Now);
        Assert.Equal(CloseReason.None, _core.CloseReason);
        Assert.InRange(_core.NextTimeout, _driver.Now, _driver.Now + Second);
        _driver.Now += Second;
        _core.HandleTimeout(_driver.Now, _driver.Now);
        Assert.Equal(CloseReason.TransportFailed, _core.CloseReason);
        Assert.Equal("reset", _core.Failure!.Message);
    }

    private void Receive(byte[] plaintext)
    {
        var buffer = new ReadOnlySequence<byte>(RawPeer.Seal(_keys, plaintext));
        _core.HandleBytes(ref buffer, _driver.Now);
        Assert.True(buffer.IsEmpty);
        _core.Service(_driver.Now);
    }

    private List<YamuxHeader> Sent()
    {
        var frames = new List<YamuxHeader>();
        byte[] bytes = _driver.Memory.Take();
        for (int i = 0; i < bytes.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(i));
            Assert.True(_keys.Receive.TryOpenInPlace(bytes.AsSpan(i + 2, length), out int plaintextLength));
            Span<byte> plaintext = bytes.AsSpan(i + 2, plaintextLength);
            while (!plaintext.IsEmpty)
            {
                YamuxHeader.Parse(plaintext, out YamuxHeader header);
                frames.Add(header);
                int payload = header.Type == YamuxFrameType.Data ? (int)header.Length : 0;
                plaintext = plaintext[(YamuxHeader.SizeBytes + payload)..];
            }

            i += 2 + length;
        }

        return frames;
    }
}
