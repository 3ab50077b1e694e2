using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Opens streams to the peer; callers wait while it has too many to acknowledge.</summary>
internal sealed class StreamOpener(ConnectionCore core, ConnectionThread thread, ConnectionTime time)
{
    private readonly Queue<TaskCompletionSource> _waiting = new();

    /// <summary>Opens a stream and agrees on its protocol.</summary>
    public async ValueTask<ConnectionStream> OpenAsync(
        string protocol, InlineConsumer? consumer, CancellationToken cancellationToken)
    {
        thread.Check();
        NegotiatingStream? negotiation;
        while (core.IsOver || !core.Streams.TryOpen(protocol, consumer, time.Now, out negotiation))
        {
            await WaitForSlotAsync(cancellationToken);
        }

        YamuxStream mux = negotiation.Mux;
        core.RequestService();
        using CancellationTokenRegistration registration = thread.OnCanceled(
            static state => ((TaskCompletionSource<ConnectionStream>)state!).TrySetCanceled(),
            negotiation.Opened,
            cancellationToken);
        try
        {
            return await negotiation.Opened.Task;
        }
        catch (System.OperationCanceledException)
        {
            // The owner may be the agreed stream by now: nobody will ever use it.
            ((ConnectionStream)mux.Owner!).Reset();
            throw;
        }
    }

    /// <summary>Lets waiting callers try again.</summary>
    public void ReleaseWaiting()
    {
        while (_waiting.Count > 0 && (core.Session.CanOpen || core.Session.IsGoingAway))
        {
            bool isTold = _waiting.Dequeue().TrySetResult(); // not if it has given up meanwhile
            if (isTold && !core.Session.IsGoingAway)
            {
                // One slot, one caller: the next one follows when this one has taken or left it.
                return;
            }
        }
    }

    /// <summary>The connection is over: nobody waits any longer.</summary>
    public void ReleaseAll()
    {
        while (_waiting.TryDequeue(out TaskCompletionSource? waiting))
        {
            waiting.TrySetResult();
        }
    }

    private async Task WaitForSlotAsync(CancellationToken cancellationToken)
    {
        if (core.IsOver || core.Session.IsGoingAway)
        {
            throw new StreamException(StreamEnd.ConnectionEnded);
        }

        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue(waiting);
        using CancellationTokenRegistration registration = thread.OnCanceled(
            static state => ((TaskCompletionSource)state!).TrySetCanceled(), waiting, cancellationToken);
        await waiting.Task;
    }
}
