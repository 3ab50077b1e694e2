using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Libp2p.Yamux;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Yamux;

public sealed class YamuxSessionTests
{
    private readonly YamuxPeer _server = new(isClient: false);
    private readonly YamuxPeer _client = new(isClient: true);

    [Fact]
    public void Client_ids_are_odd_and_server_ids_even()
    {
        Assert.True(_client.Session.TryOpen(0, out YamuxStream? first));
        Assert.True(_client.Session.TryOpen(0, out YamuxStream? second));
        Assert.True(_server.Session.TryOpen(0, out YamuxStream? third));
        Assert.Equal([1u, 3u, 2u], [first.Id, second.Id, third.Id]);
    }

    [Fact]
    public void One_frame_can_open_carry_and_finish()
    {
        List<YamuxEvent> events = _server.Read(YamuxPeer.Data(1, 5, YamuxFlags.Syn | YamuxFlags.Fin));
        Assert.Equal(
            [YamuxEventKind.Opened, YamuxEventKind.Data, YamuxEventKind.Finished], events.Select(e => e.Kind));
        Assert.Equal(5, events[1].DataLength);
        Assert.True(events[0].Stream!.IsRemoteFinished);
    }

    [Fact]
    public void The_first_payload_carries_the_syn_and_the_answer_the_ack()
    {
        _client.Session.TryOpen(0, out YamuxStream? ours);
        byte[] header = new byte[YamuxHeader.SizeBytes];
        YamuxSession.WriteDataHeader(ours!, header, 20);
        Assert.Equal("000000010000000100000014", Convert.ToHexStringLower(header));
        Assert.Empty(_client.Sent());

        YamuxStream theirs = _server.Read(YamuxPeer.Update(1, 0, YamuxFlags.Syn)).Single().Stream!;
        _server.Session.Accept(theirs);
        YamuxSession.WriteDataHeader(theirs, header, 1);
        Assert.Equal("000000020000000100000001", Convert.ToHexStringLower(header));
    }

    [Fact]
    public void A_fixed_window_below_the_initial_one_holds_once_that_is_used()
    {
        const int Window = 32 * 1024;
        _client.Session.TryOpen(Window, out YamuxStream? stream);
        YamuxHeader open = Assert.Single(_client.Sent());
        Assert.Equal(0u, open.Length);

        const int Rest = Window / 2;
        _client.Read(YamuxPeer.Data(1, YamuxLimits.InitialWindowBytes - Rest - 1));
        _client.Session.Consume(stream!, YamuxLimits.InitialWindowBytes - Rest - 1, _client.Now);
        Assert.Empty(_client.Sent());
        _client.Read(YamuxPeer.Data(1, 1));
        _client.Session.Consume(stream!, 1, _client.Now);
        Assert.Equal(Window, stream!.ReceiveCredit);
    }

    [Fact]
    public void A_fixed_window_is_granted_with_the_syn_and_topped_up_at_half()
    {
        _client.Session.TryOpen(YamuxLimits.TunnelWindowBytes, out YamuxStream? stream);
        YamuxHeader open = Assert.Single(_client.Sent());
        Assert.Equal(YamuxFlags.Syn, open.Flags);
        Assert.Equal((uint)(YamuxLimits.TunnelWindowBytes - YamuxLimits.InitialWindowBytes), open.Length);

        const int Half = YamuxLimits.TunnelWindowBytes / 2;
        _client.Kinds(YamuxPeer.Data(1, Half - 1, YamuxFlags.Ack));
        _client.Session.Consume(stream!, Half - 1, now: 1);
        Assert.Empty(_client.Sent());
        _client.Kinds(YamuxPeer.Data(1, 1));
        _client.Session.Consume(stream!, 1, now: 1);
        Assert.Equal(
            new YamuxHeader(YamuxFrameType.WindowUpdate, YamuxFlags.None, 1, Half), Assert.Single(_client.Sent()));
        Assert.Equal(YamuxLimits.TunnelWindowBytes, stream!.ReceiveCredit);
    }

    [Fact]
    public void Half_close_leaves_the_other_direction_open()
    {
        YamuxStream stream = _server.Accept(1);
        Assert.Equal([YamuxEventKind.Finished], _server.Kinds(YamuxPeer.Update(1, 0, YamuxFlags.Fin)));
        Assert.False(stream.IsClosed);
        YamuxSession.WriteDataHeader(stream, new byte[12], 100);
        _server.Session.FinishWriting(stream);
        Assert.True(stream.IsClosed);
        Assert.Equal(YamuxFlags.Fin, Assert.Single(_server.Sent()).Flags);
        Assert.Empty(_server.Session.Streams);
    }

    [Fact]
    public void A_reset_of_the_peer_ends_the_stream_and_is_not_answered()
    {
        YamuxStream stream = _server.Accept(1);
        Assert.Equal([YamuxEventKind.Reset], _server.Kinds(YamuxPeer.Update(1, 0, YamuxFlags.Rst)));
        Assert.True(stream.IsClosed);
        Assert.Empty(_server.Sent());
    }

    [Fact]
    public void After_our_reset_what_is_on_the_way_is_drained()
    {
        YamuxStream stream = _server.Accept(1);
        _server.Session.Reset(stream);
        Assert.Equal(YamuxFlags.Rst, Assert.Single(_server.Sent()).Flags);
        Assert.Empty(_server.Kinds(
            YamuxPeer.Data(1, 1000), YamuxPeer.Update(1, 5), YamuxPeer.Data(1, 0, YamuxFlags.Fin)));
        Assert.Equal(1000, _server.Session.DrainedBytes);
        Assert.Equal(YamuxViolation.None, _server.Session.Violation);
    }

    [Fact]
    public void A_stream_that_was_reset_before_its_syn_left_was_never_there()
    {
        _client.Session.TryOpen(0, out YamuxStream? stream);
        _client.Session.Reset(stream!);
        Assert.Empty(_client.Sent());
    }

    [Fact]
    public void The_rest_of_a_frame_is_drained_when_its_stream_was_reset_in_the_middle()
    {
        byte[] frame = YamuxPeer.Data(1, 100, YamuxFlags.Syn | YamuxFlags.Fin);
        YamuxEvent opened = _server.Session.Read(1, frame, out int consumed);
        _server.Session.Reset(opened.Stream!);
        Assert.Equal(default, _server.Session.Read(1, frame.AsSpan(consumed), out consumed));
        Assert.Equal(100, consumed);
        Assert.Equal([YamuxEventKind.Opened], _server.Kinds(YamuxPeer.Update(3, 0, YamuxFlags.Syn)));
    }

    [Fact]
    public void Pings_are_answered_with_their_value()
    {
        _server.Read(YamuxPeer.Frame(YamuxFrameType.Ping, YamuxFlags.Syn, 0, 77));
        Assert.Equal(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Ack, 0, 77), Assert.Single(_server.Sent()));
    }

    [Fact]
    public void Too_many_payload_bytes_are_a_violation()
    {
        _server.Accept(1);
        byte[] header = YamuxPeer.Frame(YamuxFrameType.Data, YamuxFlags.None, 1, YamuxLimits.InitialWindowBytes + 1);
        Violates(YamuxViolation.WindowOverrun, header);
    }

    [Fact]
    public void A_huge_length_on_a_stream_is_a_violation_and_on_none_is_drained_without_memory()
    {
        Assert.Empty(_server.Kinds(
            YamuxPeer.Frame(YamuxFrameType.Data, YamuxFlags.None, 9, uint.MaxValue), new byte[5000]));
        Assert.Equal(5000, _server.Session.DrainedBytes);
        var other = new YamuxPeer(isClient: false);
        other.Accept(1);
        Assert.Equal(
            [YamuxEventKind.Violated],
            other.Kinds(YamuxPeer.Frame(YamuxFrameType.Data, YamuxFlags.None, 1, uint.MaxValue)));
    }

    [Fact]
    public void More_credit_than_a_window_holds_is_a_violation()
    {
        _server.Accept(1);
        Violates(YamuxViolation.WindowOverflow, YamuxPeer.Update(1, uint.MaxValue));
    }

    [Fact]
    public void An_id_of_our_parity_is_a_violation() =>
        Violates(YamuxViolation.WrongParity, YamuxPeer.Update(2, 0, YamuxFlags.Syn));

    [Fact]
    public void An_id_opened_twice_is_a_violation()
    {
        _server.Accept(1);
        Violates(YamuxViolation.StreamIdReused, YamuxPeer.Update(1, 0, YamuxFlags.Syn));
    }

    [Fact]
    public void An_id_opened_again_after_its_end_is_a_violation()
    {
        _server.Accept(1);
        _server.Read(YamuxPeer.Update(1, 0, YamuxFlags.Rst));
        Violates(YamuxViolation.StreamIdReused, YamuxPeer.Update(1, 0, YamuxFlags.Syn));
    }

    [Fact]
    public void Streams_opened_out_of_order_are_taken()
    {
        Assert.All(
            (uint[])[5, 1, 3, 2001, 1999],
            id => Assert.Equal([YamuxEventKind.Opened], _server.Kinds(YamuxPeer.Update(id, 0, YamuxFlags.Syn))));
        Violates(YamuxViolation.StreamIdReused, YamuxPeer.Update(1999, 0, YamuxFlags.Syn));
    }

    [Fact]
    public void Data_after_the_last_byte_resets_that_stream_only()
    {
        YamuxStream stream = _server.Accept(1);
        Assert.Equal(
            [YamuxEventKind.Finished, YamuxEventKind.Broken],
            _server.Kinds(YamuxPeer.Update(1, 0, YamuxFlags.Fin), YamuxPeer.Data(1, 10)));
        Assert.True(stream.IsClosed);
        Assert.Equal(YamuxFlags.Rst, Assert.Single(_server.Sent()).Flags);
        Assert.Equal([YamuxEventKind.Opened], _server.Kinds(YamuxPeer.Update(3, 0, YamuxFlags.Syn)));
    }

    [Fact]
    public void A_flood_of_pings_is_a_violation_and_grows_nothing()
    {
        byte[] ping = YamuxPeer.Frame(YamuxFrameType.Ping, YamuxFlags.Syn, 0, 1);
        for (int i = 0; i < YamuxLimits.PendingPongsMax; i++)
        {
            Assert.Empty(_server.Read(ping));
        }

        Violates(YamuxViolation.PingFlood, ping);
    }

    [Fact]
    public void Streams_beyond_the_limit_are_reset_and_a_flood_of_them_is_a_violation()
    {
        uint id = 1;
        for (int i = 0; i < YamuxLimits.InboundStreamsMax; i++, id += 2)
        {
            Assert.Equal([YamuxEventKind.Opened], _server.Kinds(YamuxPeer.Update(id, 0, YamuxFlags.Syn)));
        }

        for (int i = 0; i < YamuxLimits.PendingRefusalsMax; i++, id += 2)
        {
            Assert.Empty(_server.Kinds(YamuxPeer.Data(id, 10, YamuxFlags.Syn)));
        }

        Assert.Equal(YamuxLimits.PendingRefusalsMax, _server.Session.RefusedStreams);
        Violates(YamuxViolation.OpenFlood, YamuxPeer.Update(id, 0, YamuxFlags.Syn));
    }

    [Fact]
    public void A_flood_of_opens_and_resets_is_a_violation_and_grows_nothing()
    {
        uint id = 1;
        int opened = 0;
        while (_server.Session.Violation == YamuxViolation.None)
        {
            // Nothing of ours leaves: the peer doesn't read.
            foreach (YamuxEvent happened in _server.Read(YamuxPeer.Update(id, 0, YamuxFlags.Syn)))
            {
                if (happened.Kind == YamuxEventKind.Opened)
                {
                    _server.Session.Accept(happened.Stream!);
                    opened++;
                }
            }

            _server.Read(YamuxPeer.Update(id, 0, YamuxFlags.Rst));
            id += 2;
        }

        Assert.Equal(YamuxViolation.OpenFlood, _server.Session.Violation);
        Assert.Equal(YamuxLimits.PendingStreamsMax, opened);
    }

    [Fact]
    public void At_most_256_streams_wait_for_their_acknowledgement()
    {
        for (int i = 0; i < YamuxLimits.UnacknowledgedStreamsMax; i++)
        {
            Assert.True(_client.Session.TryOpen(0, out _));
        }

        Assert.False(_client.Session.TryOpen(0, out _));
        Assert.Equal([YamuxEventKind.Accepted], _client.Kinds(YamuxPeer.Update(1, 0, YamuxFlags.Ack)));
        Assert.True(_client.Session.TryOpen(0, out _));
        Assert.Equal([YamuxEventKind.Reset], _client.Kinds(YamuxPeer.Update(3, 0, YamuxFlags.Rst)));
        Assert.True(_client.Session.TryOpen(0, out _));
        Assert.False(_client.Session.CanOpen);
    }

    [Fact]
    public void After_a_go_away_no_stream_begins_on_either_side()
    {
        Assert.Equal(
            [YamuxEventKind.GoAway], _client.Kinds(YamuxPeer.Frame(YamuxFrameType.GoAway, YamuxFlags.None, 0, 0)));
        Assert.False(_client.Session.TryOpen(0, out _));
        Assert.Equal(YamuxGoAwayCode.Normal, _client.Session.RemoteGoAway);

        _server.Session.GoAway(YamuxGoAwayCode.Normal);
        Assert.Empty(_server.Kinds(YamuxPeer.Update(1, 0, YamuxFlags.Syn)));
        Assert.Equal([YamuxFlags.Rst, YamuxFlags.None], _server.Sent().Select(header => header.Flags));
    }

    [Fact]
    public void A_window_that_is_used_up_within_four_round_trips_doubles_up_to_its_limit()
    {
        var peer = new YamuxPeer(isClient: false, new YamuxSessionOptions());
        MeasureRoundTrip(peer, milliseconds: 10);
        YamuxStream stream = peer.Accept(1);
        for (int i = 0; i < 20; i++)
        {
            int length = (int)stream.ReceiveCredit;
            peer.Now += 20_000_000;
            peer.Read(YamuxPeer.Data(1, length));
            peer.Session.Consume(stream, length, peer.Now);
        }

        Assert.Equal(YamuxLimits.WindowBytesMax, stream.WindowBytes);
        Assert.Equal(YamuxLimits.WindowBytesMax, stream.ReceiveCredit);
    }

    [Fact]
    public void A_window_that_is_used_slowly_stays()
    {
        var peer = new YamuxPeer(isClient: false, new YamuxSessionOptions());
        MeasureRoundTrip(peer, milliseconds: 10);
        YamuxStream stream = peer.Accept(1);
        for (int i = 0; i < 5; i++)
        {
            peer.Now += 50_000_000;
            peer.Read(YamuxPeer.Data(1, YamuxLimits.InitialWindowBytes));
            peer.Session.Consume(stream, YamuxLimits.InitialWindowBytes, peer.Now);
        }

        Assert.Equal(YamuxLimits.InitialWindowBytes, stream.WindowBytes);
    }

    [Fact]
    public void Any_split_of_the_bytes_tells_the_same() =>
        Gen.Select(GenFrames, Gen.Int[1, 40].Array[1, 50]).Sample((frames, pieces) =>
        {
            byte[] bytes = [.. frames.SelectMany(frame => frame)];
            List<string> whole = Tell(bytes, [bytes.Length]);
            Assert.Equal(whole, Tell(bytes, pieces));
            Assert.Equal(whole, Tell(bytes, [1]));
        });

    private static Gen<byte[][]> GenFrames =>
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 15], Gen.UInt[1, 6], Gen.Int[0, 300]).Select((type, flags, id, length) =>
            type == 0
                ? YamuxPeer.Data(id, length, (YamuxFlags)flags)
                : YamuxPeer.Update(id, (uint)length, (YamuxFlags)flags)).Array[0, 20];

    // Pieces of one payload are one line, so that splits don't show.
    private static List<string> Tell(byte[] bytes, int[] pieces)
    {
        var peer = new YamuxPeer(isClient: false);
        var told = new List<string>();
        int begin = 0;
        for (int i = 0; begin < bytes.Length; i++)
        {
            int length = Math.Min(pieces[i % pieces.Length], bytes.Length - begin);
            foreach (YamuxEvent happened in peer.Read(bytes.AsSpan(begin, length).ToArray()))
            {
                string line = $"{happened.Kind} {happened.Stream?.Id}";
                if (happened.Kind != YamuxEventKind.Data || told.Count == 0 || told[^1] != line)
                {
                    told.Add(line);
                }
            }

            begin += length;
        }

        told.Add($"drained {peer.Session.DrainedBytes}");
        return told;
    }

    private static void MeasureRoundTrip(YamuxPeer peer, int milliseconds)
    {
        Assert.True(peer.Session.HandleTimeout(peer.Now));
        YamuxHeader ping = Assert.Single(peer.Sent());
        peer.Now += milliseconds * 1_000_000L;
        peer.Read(YamuxPeer.Frame(YamuxFrameType.Ping, YamuxFlags.Ack, 0, ping.Length));
        Assert.Equal(milliseconds * 1_000_000L, peer.Session.RoundTripNanoseconds);
    }

    private void Violates(YamuxViolation violation, byte[] frame)
    {
        Assert.Equal([YamuxEventKind.Violated], _server.Kinds(frame));
        Assert.Equal(violation, _server.Session.Violation);
        Assert.Equal(
            new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, (uint)YamuxGoAwayCode.ProtocolError),
            Assert.Single(_server.Sent()));
        Assert.Empty(_server.Read(frame));
        Assert.False(_server.Session.TryOpen(0, out _));
    }
}
