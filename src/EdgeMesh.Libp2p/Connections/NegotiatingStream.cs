using System;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Multistreams;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A stream whose protocol is not agreed yet. Becomes a <see cref="MuxedStream"/> or
/// <see cref="InlineStream"/>, which gets every byte behind the negotiation.</summary>
internal sealed class NegotiatingStream : ConnectionStream
{
    private readonly MultistreamNegotiator _negotiator;
    private ConnectionStream? _successor;
    private bool _isOver;

    public NegotiatingStream(
        ConnectionCore core, YamuxStream mux, MultistreamNegotiator negotiator, InlineConsumer? consumer)
        : base(core, mux, protocol: "")
    {
        _negotiator = negotiator;
        Consumer = consumer;
        PollNegotiator();
    }

    /// <summary>Who consumes the stream inline, if we opened it for one.</summary>
    public InlineConsumer? Consumer { get; }

    /// <summary>The agreed stream, if we opened it; a <see cref="StreamException"/> if there is none.</summary>
    public TaskCompletionSource<ConnectionStream> Opened { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal override bool IsDone => false;

    internal override void HandleData(Span<byte> data)
    {
        int taken = _negotiator.HandleBytes(data);
        PollNegotiator();
        if (_negotiator.State == MultistreamState.Agreed)
        {
            Core.Session.Consume(Mux, taken, Core.Now);
            Succeed(data[taken..]);
        }
        else
        {
            Core.Session.Consume(Mux, data.Length, Core.Now);
            FailIfOver();
        }
    }

    internal override void HandleFinished()
    {
        _negotiator.HandleEnd();
        FailIfOver();
    }

    internal override void HandleEnd(StreamEnd end)
    {
        EndNegotiation();
        End = end;
        Opened.TrySetException(new StreamException(end));
    }

    internal override void HandleCredit() => Core.MarkReady(this);

    internal override int SendTurn(int roomBytes, out bool isReady)
    {
        isReady = false;
        return SendPrefix(roomBytes);
    }

    private void PollNegotiator()
    {
        if (_negotiator.OutputBytes == 0)
        {
            return;
        }

        byte[] bytes = new byte[_negotiator.OutputBytes];
        _negotiator.TryPollTransmit(bytes, out int length);
        AddPrefix(bytes.AsSpan(0, length));
        Core.MarkReady(this);
    }

    private void Succeed(Span<byte> rest)
    {
        EndNegotiation();
        _successor = Core.Streams.Promote(this, _negotiator.Protocol!);
        if (_successor is null)
        {
            Core.ResetStream(this, StreamEnd.ProtocolRefused);
            return;
        }

        if (!rest.IsEmpty)
        {
            _successor.HandleData(rest);
        }

        Opened.TrySetResult(_successor);
    }

    private void EndNegotiation()
    {
        if (!_isOver)
        {
            _isOver = true;
            if (IsInbound)
            {
                Core.Streams.EndNegotiation();
            }
        }
    }

    private void FailIfOver()
    {
        if (_negotiator.State != MultistreamState.Negotiating)
        {
            bool isRefused = _negotiator.State == MultistreamState.NoCommonProtocol;
            Core.ResetStream(this, isRefused ? StreamEnd.ProtocolRefused : StreamEnd.NegotiationFailed);
        }
    }
}
