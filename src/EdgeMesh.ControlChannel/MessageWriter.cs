using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;

namespace EdgeMesh.ControlChannel;

/// <summary>Writes messages as <see cref="MessageReader{T}"/> reads them.</summary>
internal static class MessageWriter
{
    /// <summary>The message after its length.</summary>
    /// <exception cref="ControlChannelException">The message is over the limit; nothing was written.</exception>
    internal static byte[] Encode(IMessage message)
    {
        int length = message.CalculateSize();
        if (length > ControlLimits.MessageBytesMax)
        {
            throw new ControlChannelException(
                ControlFault.Malformed,
                $"a {message.Descriptor.Name} of {length} bytes is over the limit of {ControlLimits.MessageBytesMax}");
        }

        int lengthBytes = 1;
        for (int rest = length >> 7; rest != 0; rest >>= 7)
        {
            lengthBytes++;
        }

        byte[] bytes = new byte[lengthBytes + length];
        int left = length;
        for (int i = 0; i < lengthBytes; i++)
        {
            bytes[i] = (byte)((left & 0x7f) | (i + 1 < lengthBytes ? 0x80 : 0));
            left >>= 7;
        }

        message.WriteTo(bytes.AsSpan(lengthBytes));
        return bytes;
    }

    internal static ValueTask WriteAsync(Stream stream, IMessage message, CancellationToken cancel) =>
        stream.WriteAsync(Encode(message), cancel);
}
