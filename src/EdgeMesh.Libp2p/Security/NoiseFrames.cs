using System;
using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Security;

/// <summary>Noise messages on a pipe, each behind its big-endian length (libp2p noise, "Wire Format").</summary>
/// <remarks>For set-up only: every message is copied out.</remarks>
internal static class NoiseFrames
{
    /// <summary>Reads one message and not a byte more.</summary>
    /// <param name="input">The pipe.</param>
    /// <param name="messageBytesMax">A longer one is refused as soon as its length is there.</param>
    /// <param name="cancellationToken">The caller's deadline.</param>
    public static async ValueTask<byte[]> ReadAsync(
        PipeReader input, int messageBytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellationToken);
            if (result.IsCanceled)
            {
                input.AdvanceTo(result.Buffer.Start);
                throw new OperationCanceledException("The read was canceled by its owner.");
            }

            byte[]? message = TryTake(result.Buffer, messageBytesMax, out SequencePosition end);
            if (message is not null)
            {
                input.AdvanceTo(end);
                return message;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                throw new UpgradeException(
                    UpgradeFailure.Closed, "the peer closed the connection during the handshake");
            }
        }
    }

    /// <summary>Sends what was written to <paramref name="output"/>.</summary>
    public static async ValueTask FlushAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        FlushResult result = await output.FlushAsync(cancellationToken);
        if (result.IsCompleted)
        {
            throw new UpgradeException(
                UpgradeFailure.Closed, "the peer closed the connection during the handshake");
        }
    }

    /// <summary>Room for a message in the pipe's buffer, behind its length; the caller advances over both.</summary>
    public static Span<byte> Begin(PipeWriter output, int messageBytes)
    {
        Span<byte> frame = output.GetSpan(NoiseLimits.LengthBytes + messageBytes);
        BinaryPrimitives.WriteUInt16BigEndian(frame, checked((ushort)messageBytes));
        return frame.Slice(NoiseLimits.LengthBytes, messageBytes);
    }

    private static byte[]? TryTake(ReadOnlySequence<byte> buffer, int messageBytesMax, out SequencePosition end)
    {
        end = default;
        if (buffer.Length < NoiseLimits.LengthBytes)
        {
            return null;
        }

        Span<byte> header = stackalloc byte[NoiseLimits.LengthBytes];
        buffer.Slice(0, NoiseLimits.LengthBytes).CopyTo(header);
        int length = BinaryPrimitives.ReadUInt16BigEndian(header);
        if (length > messageBytesMax)
        {
            throw new UpgradeException(
                UpgradeFailure.Malformed, $"a message of {length} bytes, more than the {messageBytesMax} allowed here");
        }

        if (buffer.Length < NoiseLimits.LengthBytes + length)
        {
            return null;
        }

        ReadOnlySequence<byte> message = buffer.Slice(NoiseLimits.LengthBytes, length);
        end = message.End;
        return message.ToArray();
    }
}
