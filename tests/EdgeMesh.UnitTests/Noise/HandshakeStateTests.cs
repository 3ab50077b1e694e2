using System;
using System.Security.Cryptography;
using EdgeMesh.Noise;
using Xunit;

namespace EdgeMesh.UnitTests.Noise;

public sealed class HandshakeStateTests
{
    private const int InitiatorStatic = 1;
    private const int InitiatorEphemeral = 2;
    private const int ResponderStatic = 3;
    private const int ResponderEphemeral = 4;

    [Fact]
    public void Steps_follow_the_pattern_on_both_sides()
    {
        using HandshakeState initiator = Initiator();
        using HandshakeState responder = Responder();
        Assert.Equal(HandshakeStep.Write, initiator.Step);
        Assert.Equal(HandshakeStep.Read, responder.Step);
        Pass(initiator, responder);
        Assert.Equal(HandshakeStep.Read, initiator.Step);
        Assert.Equal(HandshakeStep.Write, responder.Step);
        Pass(responder, initiator);
        Pass(initiator, responder);
        Assert.Equal(HandshakeStep.Split, initiator.Step);
        Assert.Equal(HandshakeStep.Split, responder.Step);
        initiator.Split(out CipherState send, out CipherState receive);
        Assert.Equal(HandshakeStep.Over, initiator.Step);
        send.Dispose();
        receive.Dispose();
    }

    [Fact]
    public void Split_gives_the_keys_of_the_reference_transcript()
    {
        using HandshakeState initiator = Initiator();
        using HandshakeState responder = Responder();
        // Payloads of the transcript don't enter the chaining key: only the keys' exchange does.
        Pass(initiator, responder);
        Pass(responder, initiator);
        Pass(initiator, responder);

        byte[] key1 = new byte[NoiseLimits.KeyBytes];
        byte[] key2 = new byte[NoiseLimits.KeyBytes];
        initiator.SplitKeys(key1, key2);
        Assert.Equal(
            "013155fc61857be164b5250358a116758f5d20cf2d867365b23a4e428020d685", Convert.ToHexStringLower(key1));
        Assert.Equal(
            "59b596b4192418d0f86a61c07a944f38a15c30dda5b4659b5500eacd809cd853", Convert.ToHexStringLower(key2));
    }

    [Fact]
    public void Message_out_of_turn_is_our_own_mistake()
    {
        using HandshakeState initiator = Initiator();
        using HandshakeState responder = Responder();
        byte[] buffer = new byte[200];
        Assert.Throws<InvalidOperationException>(() => initiator.ReadMessage(buffer, buffer, out _));
        Assert.Throws<InvalidOperationException>(() => responder.WriteMessage([], buffer, out _));
        Assert.Throws<InvalidOperationException>(() => initiator.Split(out _, out _));
    }

    [Fact]
    public void Truncation_of_every_message_at_each_length_is_refused()
    {
        for (int index = 0; index < 3; index++)
        {
            int full = MessageAt(index, out HandshakeState whole).Length;
            whole.Dispose();
            for (int length = 0; length < full; length++)
            {
                byte[] message = MessageAt(index, out HandshakeState reader);
                HandshakeFailure failure = reader.ReadMessage(message.AsSpan(0, length), new byte[length], out _);
                // Cutting the clear payload of the first message can't be noticed before the second.
                bool isLegal = index == 0 && length >= NoiseLimits.KeyBytes;
                Assert.Equal(isLegal, failure == HandshakeFailure.None);
                Assert.Equal(isLegal ? HandshakeStep.Write : HandshakeStep.Over, reader.Step);
                reader.Dispose();
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Tampering_with_any_byte_of_a_sealed_message_is_noticed(int index)
    {
        int full = MessageAt(index, out HandshakeState whole).Length;
        whole.Dispose();
        for (int at = 0; at < full; at++)
        {
            byte[] message = MessageAt(index, out HandshakeState reader);
            message[at] ^= 0x01;
            HandshakeFailure failure = reader.ReadMessage(message, new byte[full], out int length);
            Assert.Equal(HandshakeFailure.TagMismatch, failure);
            Assert.Equal(0, length);
            Assert.Equal(HandshakeStep.Over, reader.Step);
            reader.Dispose();
        }
    }

    [Fact]
    public void Tampering_with_any_byte_of_the_first_message_spoils_the_second()
    {
        for (int at = 0; at < NoiseLimits.KeyBytes + 5; at++)
        {
            using HandshakeState initiator = Initiator();
            using HandshakeState responder = Responder();
            byte[] message = Write(initiator);
            message[at] ^= 0x01;
            Assert.Equal(HandshakeFailure.None, Read(responder, message));
            HandshakeFailure failure = Read(initiator, Write(responder));
            Assert.Equal(HandshakeFailure.TagMismatch, failure);
        }
    }

    [Theory] // RFC 7748 §6.1; the points of order 1, 2, 4 and 8 and their spellings above the prime
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void Key_of_low_order_is_refused_by_both_sides(string weak)
    {
        byte[] key = Convert.FromHexString(weak);
        using HandshakeState responder = Responder();
        Assert.Equal(HandshakeFailure.None, Read(responder, key));
        byte[] buffer = new byte[200];
        Assert.Equal(HandshakeFailure.WeakKey, responder.WriteMessage([], buffer, out int length));
        Assert.Equal(0, length);
        Assert.All(buffer[NoiseLimits.KeyBytes..], value => Assert.Equal(0, value));
        Assert.Equal(HandshakeStep.Over, responder.Step);

        using HandshakeState initiator = Initiator();
        Write(initiator);
        Assert.Equal(HandshakeFailure.WeakKey, Read(initiator, [.. key, .. new byte[100]]));
        Assert.Equal(HandshakeStep.Over, initiator.Step);
    }

    [Fact]
    public void Random_messages_end_the_handshake()
    {
        for (int i = 0; i < 200; i++)
        {
            using HandshakeState initiator = Initiator();
            Write(initiator);
            byte[] garbage = RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(300));
            Assert.NotEqual(HandshakeFailure.None, Read(initiator, garbage));
        }
    }

    [Fact]
    public void Message_longer_than_noise_allows_is_refused()
    {
        using HandshakeState responder = Responder();
        byte[] message = new byte[NoiseLimits.MessageBytesMax + 1];
        Assert.Equal(HandshakeFailure.TooLong, responder.ReadMessage(message, new byte[message.Length], out _));
    }

    [Fact]
    public void Payload_that_does_not_fit_is_our_own_mistake()
    {
        using HandshakeState initiator = Initiator();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => initiator.WriteMessage(new byte[NoiseLimits.MessageBytesMax], new byte[70000], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => initiator.WriteMessage(new byte[1], new byte[32], out _));
    }

    private static HandshakeState Initiator() =>
        new(isInitiator: true, Filled(InitiatorStatic), Filled(InitiatorEphemeral));

    private static HandshakeState Responder() =>
        new(isInitiator: false, Filled(ResponderStatic), Filled(ResponderEphemeral));

    private static byte[] Filled(byte value)
    {
        byte[] bytes = new byte[NoiseLimits.KeyBytes];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static byte[] Write(HandshakeState from)
    {
        byte[] buffer = new byte[200];
        Assert.Equal(HandshakeFailure.None, from.WriteMessage("hello"u8, buffer, out int length));
        return buffer[..length];
    }

    private static HandshakeFailure Read(HandshakeState to, byte[] message) =>
        to.ReadMessage(message, new byte[message.Length], out _);

    private static void Pass(HandshakeState from, HandshakeState to) =>
        Assert.Equal(HandshakeFailure.None, Read(to, Write(from)));

    // The message of that index, and the side that reads it next. The other side is done with.
    private static byte[] MessageAt(int index, out HandshakeState reader)
    {
        HandshakeState writer = Initiator();
        reader = Responder();
        for (int i = 0; i < index; i++)
        {
            Pass(writer, reader);
            (writer, reader) = (reader, writer);
        }

        byte[] message = Write(writer);
        writer.Dispose();
        return message;
    }
}
