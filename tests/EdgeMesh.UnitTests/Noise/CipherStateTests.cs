using System;
using System.Security.Cryptography;
using EdgeMesh.Noise;
using Xunit;

namespace EdgeMesh.UnitTests.Noise;

public sealed class CipherStateTests : IDisposable
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(NoiseLimits.KeyBytes);

    private readonly CipherState _send = new(Key);
    private readonly CipherState _receive = new(Key);

    public void Dispose()
    {
        _send.Dispose();
        _receive.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1440)]
    [InlineData(NoiseLimits.PlaintextBytesMax)]
    public void Message_of_every_length_comes_back(int length)
    {
        byte[] plaintext = RandomNumberGenerator.GetBytes(length);
        byte[] message = new byte[length + NoiseLimits.TagBytes];

        _send.Seal(plaintext, message);

        Assert.True(_receive.TryOpenInPlace(message, out int opened));
        Assert.Equal(length, opened);
        Assert.Equal(plaintext, message[..length]);
    }

    [Fact]
    public void Sealing_in_place_equals_sealing_elsewhere()
    {
        byte[] plaintext = RandomNumberGenerator.GetBytes(1000);
        byte[] elsewhere = new byte[plaintext.Length + NoiseLimits.TagBytes];
        byte[] inPlace = [.. plaintext, .. new byte[NoiseLimits.TagBytes]];

        _send.Seal(plaintext, elsewhere);
        _receive.Seal(inPlace.AsSpan(0, plaintext.Length), inPlace);

        Assert.Equal(elsewhere, inPlace);
    }

    [Fact]
    public void Nonce_is_four_zero_bytes_and_the_counter_little_endian()
    {
        using var state = new CipherState(Key, nonce: 0x0102030405060708);
        byte[] message = new byte[3 + NoiseLimits.TagBytes];
        state.Seal("abc"u8, message);

        using var cipher = new ChaCha20Poly1305(Key);
        byte[] expected = new byte[message.Length];
        cipher.Encrypt([0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1], "abc"u8, expected.AsSpan(0, 3), expected.AsSpan(3));
        Assert.Equal(expected, message);
        Assert.Equal(0x0102030405060709UL, state.Nonce);
    }

    [Fact]
    public void Tampering_with_any_byte_is_noticed_and_keeps_the_counter()
    {
        byte[] message = new byte[20 + NoiseLimits.TagBytes];
        _send.Seal(new byte[20], message);
        for (int i = 0; i < message.Length; i++)
        {
            byte[] tampered = [.. message];
            tampered[i] ^= 0x80;
            Assert.False(_receive.TryOpenInPlace(tampered, out int length));
            Assert.Equal(0, length);
        }

        Assert.Equal(0UL, _receive.Nonce);
        Assert.True(_receive.TryOpenInPlace(message, out _));
    }

    [Fact]
    public void Truncation_at_each_length_is_refused()
    {
        byte[] message = new byte[20 + NoiseLimits.TagBytes];
        _send.Seal(new byte[20], message);
        for (int length = 0; length < message.Length; length++)
        {
            Assert.False(_receive.TryOpenInPlace(message.AsSpan(0, length).ToArray(), out _));
        }
    }

    [Fact]
    public void Replayed_and_reordered_messages_are_refused()
    {
        byte[] first = new byte[NoiseLimits.TagBytes];
        byte[] second = new byte[NoiseLimits.TagBytes];
        _send.Seal([], first);
        _send.Seal([], second);

        Assert.False(_receive.TryOpenInPlace([.. second], out _));
        Assert.True(_receive.TryOpenInPlace([.. first], out _));
        Assert.False(_receive.TryOpenInPlace(first, out _));
    }

    [Fact]
    public void Message_longer_than_the_length_field_is_refused()
    {
        Assert.False(_receive.TryOpenInPlace(new byte[NoiseLimits.MessageBytesMax + 1], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => _send.Seal(
            new byte[NoiseLimits.PlaintextBytesMax + 1],
            new byte[NoiseLimits.MessageBytesMax + 1]));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Overlap_that_begins_elsewhere_is_refused(int plaintextAt, int messageAt)
    {
        byte[] buffer = new byte[64];
        Assert.Throws<ArgumentException>(() => _send.Seal(
            buffer.AsSpan(plaintextAt, 20),
            buffer.AsSpan(messageAt, 20 + NoiseLimits.TagBytes)));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(20 + NoiseLimits.TagBytes - 1)]
    [InlineData(20 + NoiseLimits.TagBytes + 1)]
    public void Destination_of_another_length_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => _send.Seal(new byte[20], new byte[length]));

    [Fact]
    public void Last_nonce_is_never_used()
    {
        using var send = new CipherState(Key, ulong.MaxValue - 1);
        using var receive = new CipherState(Key, ulong.MaxValue - 1);
        byte[] message = new byte[NoiseLimits.TagBytes];
        send.Seal([], message);
        Assert.True(receive.TryOpenInPlace(message, out _));

        Assert.Throws<InvalidOperationException>(() => send.Seal([], message));
        Assert.False(receive.TryOpenInPlace(message, out _));
    }

    [Fact]
    public void Disposed_state_neither_seals_nor_opens()
    {
        byte[] message = new byte[NoiseLimits.TagBytes];
        _send.Seal([], message);
        _send.Dispose();
        _receive.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _send.Seal([], new byte[NoiseLimits.TagBytes]));
        Assert.Throws<ObjectDisposedException>(() => _receive.TryOpenInPlace(message, out _));
    }

    [Fact]
    public void Key_of_another_length_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CipherState(new byte[31]));

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        byte[] plaintext = new byte[NoiseLimits.PlaintextBytesMax];
        byte[] message = new byte[NoiseLimits.MessageBytesMax];
        RoundTrips(plaintext, message, count: 10); // warm

        Assert.Equal(0, AllocatedBytes.InEachRun(() => RoundTrips(plaintext, message, count: 100)));
    }

    private void RoundTrips(byte[] plaintext, byte[] message, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _send.Seal(plaintext, message);
            if (!_receive.TryOpenInPlace(message, out _))
            {
                throw new InvalidOperationException("A good message was refused.");
            }
        }
    }
}
