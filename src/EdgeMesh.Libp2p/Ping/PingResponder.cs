using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.Libp2p.Ping;

/// <summary>Answers the pings of one connection, no faster than <see cref="PingLimits"/> allows.</summary>
internal sealed class PingResponder
{
    private readonly TokenBucket _answers = new(PingLimits.Burst, PingLimits.AnswerInterval);
    private int _streams;

    /// <summary>Sends back whatever comes, 32 bytes at a time, until the peer finishes or is silent for too
    /// long.</summary>
    public async Task HandleAsync(MuxedStream stream)
    {
        if (_streams >= PingLimits.InboundStreamsMax)
        {
            stream.Reset();
            return;
        }

        _streams++;
        try
        {
            using var silence = new StreamSilence(stream, PingLimits.Timeout);
            while (await AnswerAsync(stream))
            {
                silence.Break();
            }
        }
        finally
        {
            _streams--;
        }
    }

    private async Task<bool> AnswerAsync(MuxedStream stream)
    {
        ReadResult result = await stream.Input.ReadAsync(CancellationToken.None);
        int wanted = (int)(result.Buffer.Length / PingLimits.PayloadBytes);
        if (wanted == 0)
        {
            stream.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            return !result.IsCompleted;
        }

        ConnectionTime time = stream.Connection.Time;
        int granted = _answers.Take(time.Now, wanted);
        ReadOnlySequence<byte> pings = result.Buffer.Slice(0, granted * PingLimits.PayloadBytes);
        pings.CopyTo(stream.Output.GetSpan((int)pings.Length));
        stream.Output.Advance((int)pings.Length);
        stream.Input.AdvanceTo(pings.End);
        FlushResult flush = await stream.Output.FlushAsync(CancellationToken.None);
        if (granted < wanted)
        {
            // What waits, waits in the stream's window: a peer that sends more has to wait itself.
            await ConnectionWait.UntilAsync(time, _answers.NextAt());
        }

        return !flush.IsCompleted;
    }
}
