using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CsCheck;
using EdgeMesh.Libp2p.Multistreams;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Multistreams;

public sealed class MultistreamNegotiatorTests
{
    [Fact]
    public void Initiator_falls_back_through_its_list()
    {
        var initiator = MultistreamNegotiator.Initiator(["/a", "/b", "/c"]);
        var responder = MultistreamNegotiator.Responder(static id => id == "/c");
        Talk(initiator, responder);

        Assert.Equal((MultistreamState.Agreed, "/c"), (initiator.State, initiator.Protocol));
        Assert.Equal((MultistreamState.Agreed, "/c"), (responder.State, responder.Protocol));
    }

    [Fact]
    public void Initiator_ends_when_nothing_is_left_to_propose()
    {
        var initiator = MultistreamNegotiator.Initiator(["/a", "/b"]);
        var responder = MultistreamNegotiator.Responder(static _ => false);
        Talk(initiator, responder);

        Assert.Equal(MultistreamState.NoCommonProtocol, initiator.State);
        Assert.Equal(MultistreamState.Negotiating, responder.State);
        responder.HandleEnd();
        Assert.Equal(MultistreamState.NoCommonProtocol, responder.State);
    }

    [Fact]
    public void Responder_ends_after_so_many_proposals()
    {
        var responder = MultistreamNegotiator.Responder(static _ => false);
        byte[] flight = Flight([MultistreamNegotiator.Header, .. Enumerable.Repeat("/a", 100)]);

        int taken = responder.HandleBytes(flight);

        Assert.Equal(MultistreamState.NoCommonProtocol, responder.State);
        Assert.Equal(Flight([MultistreamNegotiator.Header]).Length + (MultistreamLimits.ProposalsMax * 4), taken);
        Assert.Equal(
            Flight([MultistreamNegotiator.Header, .. Enumerable.Repeat("na", MultistreamLimits.ProposalsMax)]),
            Output(responder));
    }

    [Fact]
    public void Bytes_one_at_a_time_are_as_good_as_all_at_once()
    {
        byte[] flight = [.. Flight([MultistreamNegotiator.Header, "/a", "/b"]), 1, 2, 3];
        var responder = MultistreamNegotiator.Responder(static id => id == "/b");
        int taken = 0;
        while (taken < flight.Length && responder.HandleBytes(flight.AsSpan(taken, 1)) == 1)
        {
            taken++;
        }

        Assert.Equal("/b", responder.Protocol);
        Assert.Equal(flight.Length - 3, taken);
    }

    [Fact]
    public void End_at_each_byte_is_noticed()
    {
        byte[] flight = Flight([MultistreamNegotiator.Header, "/a"]);
        for (int length = 0; length < flight.Length; length++)
        {
            var responder = MultistreamNegotiator.Responder(static id => id == "/a");
            Assert.Equal(length, responder.HandleBytes(flight.AsSpan(0, length)));
            responder.HandleEnd();
            Assert.Equal(MultistreamState.Closed, responder.State);
        }
    }

    [Fact]
    public void End_after_the_agreement_changes_nothing()
    {
        var responder = MultistreamNegotiator.Responder(static id => id == "/a");
        responder.HandleBytes(Flight([MultistreamNegotiator.Header, "/a"]));
        responder.HandleEnd();
        Assert.Equal(MultistreamState.Agreed, responder.State);
    }

    [Theory]
    [InlineData("00")] // empty message
    [InlineData("810861")] // 1025 bytes
    [InlineData("808001")] // 16384 bytes
    [InlineData("8000")] // not minimal
    [InlineData("ffffffffffffffffff01")]
    [InlineData("132f6d756c746973747265616d2f312e302e3020")] // no newline
    [InlineData("132f6d756c746973747265616d2f322e302e300a")] // version 2
    [InlineData("036e610a")] // na is no header
    public void Anything_but_the_header_ends_it(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        var responder = MultistreamNegotiator.Responder(static _ => true);
        var initiator = MultistreamNegotiator.Initiator(["/a"]);
        responder.HandleBytes(bytes);
        initiator.HandleBytes(bytes);
        Assert.Equal(MultistreamState.Malformed, responder.State);
        Assert.Equal(MultistreamState.Malformed, initiator.State);
    }

    [Fact]
    public void Http_request_is_noticed_by_its_missing_newline_or_header()
    {
        var responder = MultistreamNegotiator.Responder(static _ => true);
        responder.HandleBytes("GET /index.html HTTP/1.1\r\nHost: node.example\r\nUser-Agent: nobody/1.0\r\n\r\n"u8);
        Assert.Equal(MultistreamState.Malformed, responder.State);
    }

    [Fact]
    public void Answer_that_is_neither_agreement_nor_na_ends_it()
    {
        var initiator = MultistreamNegotiator.Initiator(["/a", "/b"]);
        initiator.HandleBytes(Flight([MultistreamNegotiator.Header, "/b"]));
        Assert.Equal(MultistreamState.Malformed, initiator.State);
    }

    [Fact]
    public void Longest_protocol_id_passes_and_a_longer_one_is_refused()
    {
        string longest = "/" + new string('a', MultistreamLimits.ProtocolBytesMax - 1);
        var initiator = MultistreamNegotiator.Initiator([longest]);
        var responder = MultistreamNegotiator.Responder(id => id == longest);
        Talk(initiator, responder);
        Assert.Equal(longest, initiator.Protocol);
        Assert.Throws<ArgumentOutOfRangeException>(() => MultistreamNegotiator.Initiator([longest + "a"]));
        Assert.Throws<ArgumentException>(() => MultistreamNegotiator.Initiator([string.Empty]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MultistreamNegotiator.Initiator([]));
    }

    [Fact]
    public void Ill_formed_utf8_is_an_unknown_protocol()
    {
        var asked = new List<string>();
        var responder = MultistreamNegotiator.Responder(id =>
        {
            asked.Add(id);
            return false;
        });
        responder.HandleBytes([.. Flight([MultistreamNegotiator.Header]), 3, 0xff, 0xfe, (byte)'\n']);
        Assert.Equal(["\ufffd\ufffd"], asked);
        Assert.Equal(MultistreamState.Negotiating, responder.State);
    }

    [Fact]
    public void Output_leaves_in_pieces_of_any_size()
    {
        var initiator = MultistreamNegotiator.Initiator(["/a"]);
        var sent = new List<byte>();
        byte[] piece = new byte[3];
        while (initiator.TryPollTransmit(piece, out int length))
        {
            sent.AddRange(piece.AsSpan(0, length));
        }

        Assert.Equal(Flight([MultistreamNegotiator.Header, "/a"]), sent.ToArray());
    }

    [Fact]
    public void Garbage_never_throws_and_output_stays_bounded() => Gen.Byte.Array[0, 3000].Sample(bytes =>
    {
        byte[] header = Flight([MultistreamNegotiator.Header]);
        var responder = MultistreamNegotiator.Responder(static id => id == "/a");
        responder.HandleBytes([.. header, .. bytes]);
        Assert.InRange(responder.OutputBytes, 0, header.Length + (MultistreamLimits.ProposalsMax * 4));
        var initiator = MultistreamNegotiator.Initiator(["/a", "/b"]);
        initiator.HandleBytes([.. header, .. bytes]);
    });

    private static byte[] Flight(string[] texts)
    {
        var bytes = new List<byte>();
        foreach (string text in texts)
        {
            int length = text.Length + 1;
            Assert.InRange(length, 1, 127);
            bytes.Add((byte)length);
            bytes.AddRange(Encoding.UTF8.GetBytes(text));
            bytes.Add((byte)'\n');
        }

        return [.. bytes];
    }

    private static byte[] Output(MultistreamNegotiator negotiator)
    {
        byte[] bytes = new byte[negotiator.OutputBytes];
        negotiator.TryPollTransmit(bytes, out _);
        return bytes;
    }

    private static void Talk(MultistreamNegotiator a, MultistreamNegotiator b)
    {
        while (a.OutputBytes + b.OutputBytes > 0)
        {
            b.HandleBytes(Output(a));
            a.HandleBytes(Output(b));
        }
    }
}
