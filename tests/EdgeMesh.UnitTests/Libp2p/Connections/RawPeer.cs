using System;
using System.Buffers;
using System.Buffers.Binary;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.Noise;

namespace EdgeMesh.UnitTests.Libp2p.Connections;

/// <summary>The other side of a connection, made by hand: it has the keys, and no manners.</summary>
internal static class RawPeer
{
    public static byte[] Frame(YamuxFrameType type, YamuxFlags flags, uint streamId, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[YamuxHeader.SizeBytes + payload.Length];
        new YamuxHeader(type, flags, streamId, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(YamuxHeader.SizeBytes));
        return frame;
    }

    /// <summary>Seals one message.</summary>
    public static byte[] Seal(SecuredConnection keys, ReadOnlySpan<byte> plaintext)
    {
        byte[] message = new byte[NoiseLimits.LengthBytes + plaintext.Length + NoiseLimits.TagBytes];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)(message.Length - NoiseLimits.LengthBytes));
        keys.Send.Seal(plaintext, message.AsSpan(NoiseLimits.LengthBytes));
        return message;
    }

    public static void Send(IBufferWriter<byte> writer, SecuredConnection keys, ReadOnlySpan<byte> plaintext) =>
        writer.Write(Seal(keys, plaintext));
}
