using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Libp2p.Multistreams;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>How streams of a connection begin and expire: negotiation, consumers, deadlines.</summary>
internal sealed class ConnectionStreams(ConnectionCore core, ConnectionOptions options, ConnectionSetup setup)
{
    private readonly List<ConnectionStream> _expired = [];
    private readonly Dictionary<string, InlineConsumer> _consumers =
        new(setup.Consumers, StringComparer.Ordinal); // those that have had no stream

    private readonly TokenBucket _opened = new(ConnectionLimits.OpenedBurst, ConnectionLimits.OpenedInterval);
    private int _negotiations;

    /// <summary>When <see cref="HandleTimeouts"/> wants to be called for the streams there are now.</summary>
    public long NextTimeout
    {
        get
        {
            long next = long.MaxValue;
            foreach (YamuxStream mux in core.Session.Streams)
            {
                next = mux.Owner is ConnectionStream stream ? Math.Min(next, stream.Deadline) : next;
            }

            return next;
        }
    }

    /// <summary>Opens a stream and proposes its protocol.</summary>
    /// <param name="protocol">What for.</param>
    /// <param name="consumer">Who takes it in place; null: an ordinary stream.</param>
    /// <param name="now">The time.</param>
    /// <param name="negotiation">The stream, if one can be opened now.</param>
    public bool TryOpen(
        string protocol, InlineConsumer? consumer, long now, [NotNullWhen(true)] out NegotiatingStream? negotiation)
    {
        negotiation = null;
        if (!core.Session.TryOpen(consumer is null ? 0 : options.Yamux.TunnelWindowBytes, out YamuxStream? mux))
        {
            return false;
        }

        negotiation = new NegotiatingStream(core, mux, MultistreamNegotiator.Initiator([protocol]), consumer)
        {
            Deadline = now + ConnectionTime.NanosecondsOf(options.NegotiationTimeout),
        };
        mux.Owner = negotiation;
        return true;
    }

    /// <summary>The peer opened a stream: find out what for.</summary>
    public void HandleOpened(YamuxStream mux)
    {
        if (_negotiations >= ConnectionLimits.NegotiationsMax || !core.Owner.CanServe || _opened.Take(core.Now, 1) == 0)
        {
            core.Session.Reset(mux);
            return;
        }

        _negotiations++;
        core.Session.Accept(mux);
        mux.Owner = new NegotiatingStream(core, mux, MultistreamNegotiator.Responder(IsSupported), consumer: null)
        {
            Deadline = core.Now + ConnectionTime.NanosecondsOf(options.NegotiationTimeout),
        };
    }

    /// <summary>A negotiation of the peer is over, well or not. Called once for each.</summary>
    public void EndNegotiation() => _negotiations--;

    /// <summary>Makes the stream what its protocol asks for.</summary>
    /// <returns>Null: nobody wants it.</returns>
    public ConnectionStream? Promote(NegotiatingStream negotiation, string protocol)
    {
        InlineConsumer? consumer = negotiation.Consumer;
        if (!negotiation.IsInbound)
        {
            return consumer is null
                ? PromoteToMuxed(negotiation, protocol)
                : PromoteToInline(negotiation, protocol, consumer);
        }

        if (options.Handlers.ContainsKey(protocol))
        {
            MuxedStream stream = PromoteToMuxed(negotiation, protocol);
            core.Owner.Serve(stream);
            return stream;
        }

        return _consumers.Remove(protocol, out consumer)
            ? PromoteToInline(negotiation, protocol, consumer)
            : null; // it had its stream
    }

    /// <summary>Resets what is overdue. Called each time the connection's clock wakes.</summary>
    public void HandleTimeouts(long now)
    {
        foreach (YamuxStream mux in core.Session.Streams)
        {
            if (mux.Owner is not ConnectionStream stream)
            {
                continue;
            }

            if (stream.IsDone && stream.Deadline == long.MaxValue)
            {
                stream.Deadline = now + ConnectionTime.NanosecondsOf(options.LingerTimeout);
            }
            else if (stream.Deadline <= now)
            {
                _expired.Add(stream);
            }
        }

        foreach (ConnectionStream stream in _expired)
        {
            StreamEnd end = stream is NegotiatingStream ? StreamEnd.NegotiationTimeout : StreamEnd.LingerTimeout;
            core.ResetStream(stream, end);
        }

        _expired.Clear();
    }

    /// <summary>Ends all streams: the connection is over.</summary>
    public void EndAll()
    {
        var streams = new List<YamuxStream>(core.Session.Streams);
        foreach (YamuxStream mux in streams)
        {
            core.Session.Reset(mux);
            if (mux.Owner is ConnectionStream { End: StreamEnd.None } stream)
            {
                stream.HandleEnd(StreamEnd.ConnectionEnded);
            }
        }
    }

    private bool IsSupported(string protocol) =>
        options.Handlers.ContainsKey(protocol) || setup.Consumers.ContainsKey(protocol);

    private static MuxedStream PromoteToMuxed(NegotiatingStream negotiation, string protocol)
    {
        var stream = new MuxedStream(negotiation, protocol);
        negotiation.Mux.Owner = stream;
        return stream;
    }

    private InlineStream PromoteToInline(NegotiatingStream negotiation, string protocol, InlineConsumer consumer)
    {
        var stream = new InlineStream(negotiation, protocol, consumer);
        negotiation.Mux.Owner = stream;
        core.Session.FixWindow(negotiation.Mux, options.Yamux.TunnelWindowBytes);
        stream.Start();
        return stream;
    }
}
