using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Libp2p.Multistreams;

/// <summary>Runs multistream-select on a pipe. What follows the negotiation stays unread in the pipe.</summary>
public static class Multistream
{
    /// <summary>Proposes protocols to the peer, best first.</summary>
    /// <returns>The one it took.</returns>
    /// <exception cref="MultistreamException">There is none; the pipe is of no use any more.</exception>
    public static ValueTask<string> SelectAsync(
        IDuplexPipe pipe, IReadOnlyList<string> protocols, CancellationToken cancellationToken) =>
        RunAsync(pipe, MultistreamNegotiator.Initiator(protocols), cancellationToken);

    /// <summary>Answers the peer's proposals.</summary>
    /// <returns>The protocol both agreed on.</returns>
    /// <exception cref="MultistreamException">There is none; the pipe is of no use any more.</exception>
    public static ValueTask<string> HandleAsync(
        IDuplexPipe pipe, Func<string, bool> isSupported, CancellationToken cancellationToken) =>
        RunAsync(pipe, MultistreamNegotiator.Responder(isSupported), cancellationToken);

    private static async ValueTask<string> RunAsync(
        IDuplexPipe pipe, MultistreamNegotiator negotiator, CancellationToken cancellationToken)
    {
        // What is there already is answered in one flight with our header.
        if (pipe.Input.TryRead(out ReadResult early))
        {
            Handle(pipe.Input, negotiator, early);
        }

        await SendAsync(pipe.Output, negotiator, cancellationToken);
        while (negotiator.State == MultistreamState.Negotiating)
        {
            Handle(pipe.Input, negotiator, await pipe.Input.ReadAsync(cancellationToken));
            await SendAsync(pipe.Output, negotiator, cancellationToken);
        }

        return negotiator.State == MultistreamState.Agreed
            ? negotiator.Protocol!
            : throw new MultistreamException(negotiator.State);
    }

    private static void Handle(PipeReader input, MultistreamNegotiator negotiator, in ReadResult result)
    {
        long taken = 0;
        foreach (ReadOnlyMemory<byte> segment in result.Buffer)
        {
            int takenHere = negotiator.HandleBytes(segment.Span);
            taken += takenHere;
            if (takenHere < segment.Length)
            {
                break;
            }
        }

        // Examined only as far as taken: what is left must wake the next reader at once.
        input.AdvanceTo(result.Buffer.GetPosition(taken));
        if (result.IsCompleted)
        {
            negotiator.HandleEnd();
        }

        if (result.IsCanceled)
        {
            throw new OperationCanceledException("The read was canceled by its owner.");
        }
    }

    private static async ValueTask SendAsync(
        PipeWriter output, MultistreamNegotiator negotiator, CancellationToken cancellationToken)
    {
        if (negotiator.OutputBytes == 0)
        {
            return;
        }

        Write(output, negotiator);
        FlushResult result = await output.FlushAsync(cancellationToken);
        if (result.IsCompleted)
        {
            negotiator.HandleEnd();
        }
    }

    private static void Write(PipeWriter output, MultistreamNegotiator negotiator)
    {
        while (negotiator.OutputBytes > 0)
        {
            negotiator.TryPollTransmit(output.GetSpan(negotiator.OutputBytes), out int length);
            output.Advance(length);
        }
    }
}
