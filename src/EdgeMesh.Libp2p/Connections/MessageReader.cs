using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>The receiving half of a connection: finds Noise messages in what the transport has, and opens
/// them.</summary>
/// <remarks><code>
///   length (16 bits, big-endian) | ciphertext and tag
/// </code>
/// A message that lies in one piece is opened inside the transport's buffer: PipeReader calls its memory read-only, but
/// nobody else reads it, and it is given back right after. Only a message in pieces is copied first.
/// </remarks>
internal sealed class MessageReader(CipherState cipher)
{
    private byte[]? _scratch; // pinned, as the transport's buffer is: the kernel may write from it

    /// <summary>Whether the last message was opened in the scratch, which the next such message overwrites.</summary>
    public bool IsScratchUsed { get; set; }

    /// <summary>Whether the first message of the buffer is complete.</summary>
    public static bool IsComplete(in ReadOnlySequence<byte> buffer) =>
        TryReadLength(buffer, out int length) && buffer.Length >= NoiseLimits.LengthBytes + length;

    /// <summary>Whether <see cref="TryOpen"/> would need the scratch for the first message.</summary>
    public static bool NeedsScratch(in ReadOnlySequence<byte> buffer) =>
        TryReadLength(buffer, out int length) && buffer.FirstSpan.Length < NoiseLimits.LengthBytes + length;

    /// <summary>Opens the first message, which is complete, and takes it from the buffer.</summary>
    /// <returns>False if it was tampered with.</returns>
    public bool TryOpen(ref ReadOnlySequence<byte> buffer, out Span<byte> plaintext)
    {
        TryReadLength(buffer, out int length);
        Span<byte> message;
        if (buffer.FirstSpan.Length >= NoiseLimits.LengthBytes + length)
        {
            ReadOnlyMemory<byte> memory = buffer.First.Slice(NoiseLimits.LengthBytes, length);
            message = MemoryMarshal.AsMemory(memory).Span;
        }
        else
        {
            IsScratchUsed = true;
            message = Scratch(length);
            buffer.Slice(NoiseLimits.LengthBytes, length).CopyTo(message);
        }

        buffer = buffer.Slice(NoiseLimits.LengthBytes + length);
        bool isGenuine = cipher.TryOpenInPlace(message, out int plaintextLength);
        plaintext = message[..plaintextLength];
        return isGenuine;
    }

    /// <summary>Writable memory of the given length for plaintext that came from elsewhere.</summary>
    public Span<byte> Scratch(int length)
    {
        _scratch ??= GC.AllocateUninitializedArray<byte>(NoiseLimits.MessageBytesMax, pinned: true);
        return _scratch.AsSpan(0, length);
    }

    private static bool TryReadLength(in ReadOnlySequence<byte> buffer, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (first.Length >= NoiseLimits.LengthBytes)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(first);
            return true;
        }

        if (buffer.Length < NoiseLimits.LengthBytes)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[NoiseLimits.LengthBytes];
        buffer.Slice(0, NoiseLimits.LengthBytes).CopyTo(bytes);
        length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return true;
    }
}
