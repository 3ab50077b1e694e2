using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Multistreams;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>How streams of a connection begin and expire: negotiation, handlers, deadlines.</summary>
internal sealed class ConnectionStreams(Connection connection, ConnectionOptions options)
{
    private readonly Queue<TaskCompletionSource> _waiting = new(); // callers of OpenAsync, until the session can open
    private readonly List<ConnectionStream> _expired = [];
    private readonly Dictionary<string, InlineConsumer> _consumers =
        new(connection.Setup.Consumers, StringComparer.Ordinal); // those that have had no stream

    private int _negotiations;
    private int _handlers;

    /// <summary>Handlers that failed with an exception nobody expected.</summary>
    public long HandlerFailures { get; private set; }

    /// <summary>When <see cref="HandleTimeouts"/> wants to be called for the streams there are now.</summary>
    public long NextTimeout
    {
        get
        {
            long next = long.MaxValue;
            foreach (YamuxStream core in connection.Session.Streams)
            {
                next = core.Owner is ConnectionStream stream ? Math.Min(next, stream.Deadline) : next;
            }

            return next;
        }
    }

    /// <summary>Opens a stream and agrees on its protocol.</summary>
    public async ValueTask<ConnectionStream> OpenAsync(
        string protocol, InlineConsumer? consumer, CancellationToken cancellationToken)
    {
        connection.Thread.Check();
        int windowBytes = consumer is null ? 0 : options.Yamux.TunnelWindowBytes;
        YamuxStream? core;
        while (connection.CloseReason != CloseReason.None || !connection.Session.TryOpen(windowBytes, out core))
        {
            await WaitForSlotAsync(cancellationToken);
        }

        var negotiation = new NegotiatingStream(
            connection, core, MultistreamNegotiator.Initiator([protocol]), consumer);
        core.Owner = negotiation;
        negotiation.Deadline = DeadlineIn(options.NegotiationTimeout);
        connection.RequestService();
        using CancellationTokenRegistration registration = connection.Thread.OnCanceled(
            static state => ((TaskCompletionSource<ConnectionStream>)state!).TrySetCanceled(),
            negotiation.Opened,
            cancellationToken);
        try
        {
            return await negotiation.Opened.Task;
        }
        catch (OperationCanceledException)
        {
            // The owner may be the agreed stream by now: nobody will ever use it.
            ((ConnectionStream)core.Owner).Reset();
            throw;
        }
    }

    /// <summary>The peer opened a stream: find out what for.</summary>
    public void HandleOpened(YamuxStream core)
    {
        if (_negotiations >= ConnectionLimits.NegotiationsMax || _handlers >= ConnectionLimits.HandlersMax)
        {
            connection.Session.Reset(core);
            return;
        }

        _negotiations++;
        connection.Session.Accept(core);
        core.Owner = new NegotiatingStream(
            connection, core, MultistreamNegotiator.Responder(IsSupported), consumer: null)
        {
            Deadline = DeadlineIn(options.NegotiationTimeout),
        };
    }

    /// <summary>A negotiation of the peer is over, well or not. Called once for each.</summary>
    public void EndNegotiation() => _negotiations--;

    /// <summary>Makes the stream what its protocol asks for.</summary>
    /// <returns>Null: nobody wants it.</returns>
    public ConnectionStream? Promote(NegotiatingStream negotiation, string protocol)
    {
        InlineConsumer? consumer = negotiation.Consumer;
        if (negotiation.IsInbound)
        {
            if (options.Handlers.TryGetValue(protocol, out Func<MuxedStream, CancellationToken, Task>? handler))
            {
                MuxedStream stream = PromoteToMuxed(negotiation, protocol);
                _ = RunHandlerAsync(handler, stream);
                return stream;
            }

            if (!_consumers.Remove(protocol, out consumer))
            {
                return null; // it had its stream
            }
        }

        return consumer is null
            ? PromoteToMuxed(negotiation, protocol)
            : PromoteToInline(negotiation, protocol, consumer);
    }

    /// <summary>Resets what is overdue. Called each time the connection's clock wakes.</summary>
    public void HandleTimeouts(long now)
    {
        foreach (YamuxStream core in connection.Session.Streams)
        {
            if (core.Owner is not ConnectionStream stream)
            {
                continue;
            }

            if (stream.IsDone && stream.Deadline == long.MaxValue)
            {
                stream.Deadline = DeadlineIn(options.LingerTimeout);
            }
            else if (stream.Deadline <= now)
            {
                _expired.Add(stream);
            }
        }

        foreach (ConnectionStream stream in _expired)
        {
            StreamEnd end = stream is NegotiatingStream ? StreamEnd.NegotiationTimeout : StreamEnd.LingerTimeout;
            connection.ResetStream(stream, end);
        }

        _expired.Clear();
    }

    /// <summary>Lets waiting callers of <see cref="OpenAsync"/> try again.</summary>
    public void ReleaseWaiting()
    {
        while (_waiting.Count > 0 && (connection.Session.CanOpen || connection.Session.IsGoingAway))
        {
            bool isTold = _waiting.Dequeue().TrySetResult(); // not if it has given up meanwhile
            if (isTold && !connection.Session.IsGoingAway)
            {
                // One slot, one caller: the next one follows when this one has taken or left it.
                return;
            }
        }
    }

    /// <summary>Ends all streams: the connection is over.</summary>
    public void EndAll()
    {
        var streams = new List<YamuxStream>(connection.Session.Streams);
        foreach (YamuxStream core in streams)
        {
            connection.Session.Reset(core);
            if (core.Owner is ConnectionStream { End: StreamEnd.None } stream)
            {
                stream.HandleEnd(StreamEnd.ConnectionEnded);
            }
        }

        while (_waiting.TryDequeue(out TaskCompletionSource? waiting))
        {
            waiting.TrySetResult();
        }
    }

    private bool IsSupported(string protocol) =>
        options.Handlers.ContainsKey(protocol) || connection.Setup.Consumers.ContainsKey(protocol);

    private long DeadlineIn(TimeSpan time) => connection.Time.After(time);

    private static MuxedStream PromoteToMuxed(NegotiatingStream negotiation, string protocol)
    {
        var stream = new MuxedStream(negotiation, protocol);
        negotiation.Core.Owner = stream;
        return stream;
    }

    private InlineStream PromoteToInline(NegotiatingStream negotiation, string protocol, InlineConsumer consumer)
    {
        var stream = new InlineStream(negotiation, protocol, consumer);
        negotiation.Core.Owner = stream;
        connection.Session.FixWindow(negotiation.Core, options.Yamux.TunnelWindowBytes);
        stream.Start();
        return stream;
    }

    private async Task WaitForSlotAsync(CancellationToken cancellationToken)
    {
        if (connection.CloseReason != CloseReason.None || connection.Session.IsGoingAway)
        {
            throw new StreamException(StreamEnd.ConnectionEnded);
        }

        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue(waiting);
        using CancellationTokenRegistration registration = connection.Thread.OnCanceled(
            static state => ((TaskCompletionSource)state!).TrySetCanceled(), waiting, cancellationToken);
        await waiting.Task;
    }

    private async Task RunHandlerAsync(Func<MuxedStream, CancellationToken, Task> handler, MuxedStream stream)
    {
        _handlers++;
        try
        {
            // Not inside the read of the bytes that opened the stream.
            await Task.Yield();
            await handler(stream, connection.Ended);
            await stream.DisposeAsync();
        }
        catch (Exception failure) when (failure is StreamException or OperationCanceledException)
        {
            stream.Reset();
        }
#pragma warning disable CA1031 // A handler's failure ends its stream and is counted; the connection lives on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            HandlerFailures++;
            stream.Reset();
            options.HandlerFailed?.Invoke(stream, failure);
        }
        finally
        {
            _handlers--;
        }
    }
}
