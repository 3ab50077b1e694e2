using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>The sending half of a connection: seals plaintext into the transport's own memory.</summary>
/// <remarks>
/// While a flush is on its way, more may be written up to <see cref="ConnectionLimits.UnflushedBytesMax"/>; it leaves
/// with the next flush. Allocates nothing per message.
/// </remarks>
/// <param name="writer">Memory for the messages; only the owner flushes it.</param>
/// <param name="cipher">Seals them.</param>
/// <param name="owner">Flushes.</param>
internal sealed class ConnectionOutput(PipeWriter writer, CipherState cipher, ConnectionOwner owner)
{
    private const int OverheadBytes = NoiseLimits.LengthBytes + NoiseLimits.TagBytes;

    private int _unflushedBytes;

    /// <summary>Whether a flush is on its way.</summary>
    public bool IsFlushing { get; private set; }

    /// <summary>Whether the transport takes nothing any more: the connection ends soon.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>When the flush on its way began.</summary>
    public long FlushingSince { get; private set; }

    /// <summary>Whether all that was written has left.</summary>
    public bool IsClean => !IsFlushing && !IsBroken && _unflushedBytes == 0;

    /// <summary>Bytes written, Noise included.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Plaintext that one message may hold now; not positive: wait.</summary>
    public int RoomBytes => RoomWithin(ConnectionLimits.UnflushedBytesMax);

    /// <summary>The same for frames without payload, which may use the reserve.</summary>
    public int ControlRoomBytes =>
        RoomWithin(ConnectionLimits.UnflushedBytesMax + ConnectionLimits.ControlReserveBytes);

    /// <summary>Seals one message. The caller has looked at the room.</summary>
    public void Write(ReadOnlySpan<byte> plaintext)
    {
        Debug.Assert(plaintext.Length <= ControlRoomBytes);
        int ciphertextBytes = plaintext.Length + NoiseLimits.TagBytes;
        int messageBytes = NoiseLimits.LengthBytes + ciphertextBytes;
        Span<byte> message = writer.GetSpan(messageBytes);
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)ciphertextBytes);
        cipher.Seal(plaintext, message.Slice(NoiseLimits.LengthBytes, ciphertextBytes));
        writer.Advance(messageBytes);
        _unflushedBytes += messageBytes;
        SentBytes += messageBytes;
    }

    /// <summary>Hands what was written to the transport, unless a flush is on its way already.</summary>
    public void Flush(long now)
    {
        if (IsFlushing || IsBroken || _unflushedBytes == 0)
        {
            return;
        }

        _unflushedBytes = 0;
        FlushingSince = now;
        IsFlushing = true;
        if (owner.Flush())
        {
            IsFlushing = false;
        }
    }

    /// <summary>The flush on its way is done.</summary>
    public void HandleFlushed() => IsFlushing = false;

    /// <summary>Nothing can be written any more.</summary>
    public void Break() => IsBroken = true;

    private int RoomWithin(int bytesMax) =>
        IsBroken ? 0 : Math.Min(bytesMax - _unflushedBytes - OverheadBytes, NoiseLimits.PlaintextBytesMax);
}
