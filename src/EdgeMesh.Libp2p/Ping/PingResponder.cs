using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Libp2p.Ping;

/// <summary>Answers pings of one connection.</summary>
internal static class PingResponder
{
    /// <summary>Sends back whatever comes, 32 bytes at a time, until the peer finishes or is silent for too
    /// long.</summary>
    public static async Task HandleAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        Connection connection = stream.Connection;
        if (connection.PingStreams >= PingLimits.InboundStreamsMax)
        {
            stream.Reset();
            return;
        }

        connection.PingStreams++;
        try
        {
            bool isOpen = true;
            while (isOpen)
            {
                using ConnectionTimeout timeout = connection.StartTimeout(PingLimits.Timeout, cancellationToken);
                isOpen = await AnswerAsync(stream, timeout.Token);
            }
        }
        finally
        {
            connection.PingStreams--;
        }

        await stream.DisposeAsync();
    }

    private static async Task<bool> AnswerAsync(MuxedStream stream, CancellationToken cancellationToken)
    {
        ReadResult result = await stream.Input.ReadAtLeastAsync(PingLimits.PayloadBytes, cancellationToken);
        if (result.Buffer.Length < PingLimits.PayloadBytes)
        {
            return false;
        }

        ReadOnlySequence<byte> ping = result.Buffer.Slice(0, PingLimits.PayloadBytes);
        ping.CopyTo(stream.Output.GetSpan(PingLimits.PayloadBytes));
        stream.Output.Advance(PingLimits.PayloadBytes);
        stream.Input.AdvanceTo(ping.End);
        FlushResult flush = await stream.Output.FlushAsync(cancellationToken);
        return !flush.IsCompleted;
    }
}
