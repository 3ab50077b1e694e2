using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.Libp2p.Identify;

/// <summary>Both directions of identify and identify push (libp2p identify 1.0.0).</summary>
internal static class IdentifyProtocol
{
    public const string Identify = "/ipfs/id/1.0.0";

    public const string Push = "/ipfs/id/push/1.0.0";

    /// <summary>Asks the peer who it is.</summary>
    /// <exception cref="StreamException">It does not serve identify, or the stream ended early.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public static async Task<IdentifyInfo?> AskAsync(Connection connection, CancellationToken cancellationToken)
    {
        using ConnectionTimeout timeout = new(connection.Time, IdentifyLimits.Timeout, cancellationToken);
        await using MuxedStream stream = await connection.OpenStreamAsync(Identify, timeout.Token);
        await stream.Output.CompleteAsync();
        return await ReadAsync(stream, timeout.Token);
    }

    /// <summary>Says who we are, on a stream that the peer opened for it or that we opened to push.</summary>
    public static async Task WriteAsync(MuxedStream stream, IdentifyInfo info)
    {
        await stream.Output.WriteAsync(IdentifyCodec.Encode(info));
        await stream.DisposeAsync();
    }

    /// <summary>Tells the peer what changed.</summary>
    public static async Task PushAsync(
        Connection connection, IdentifyInfo info, CancellationToken cancellationToken)
    {
        using ConnectionTimeout timeout = new(connection.Time, IdentifyLimits.Timeout, cancellationToken);
        MuxedStream stream = await connection.OpenStreamAsync(Push, timeout.Token);
        await WriteAsync(stream, info);
    }

    /// <summary>Reads what the peer says, to its end.</summary>
    /// <returns>Null if it was malformed or too long; the stream is reset then.</returns>
    public static async Task<IdentifyInfo?> ReadAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await stream.Input.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.Length > IdentifyLimits.StreamBytesMax)
            {
                stream.Reset();
                return null;
            }

            if (!result.IsCompleted)
            {
                stream.Input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            bool isGood = IdentifyCodec.TryDecode(buffer.ToArray(), out IdentifyInfo? info);
            stream.Input.AdvanceTo(buffer.End);
            if (!isGood)
            {
                stream.Reset();
            }

            return info;
        }
    }
}
