using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>The client's end of request and response by UDP.</summary>
internal sealed class UdpRequests : TrafficSide
{
    private readonly MeasurementRequest _request;
    private readonly ulong _token;
    private readonly IReadOnlyList<Socket> _sockets;
    private readonly IReadOnlyList<RequestFlow> _flows;

    /// <summary>Prepares the threads.</summary>
    public UdpRequests(
        MeasurementRequest request, ulong token, IReadOnlyList<Socket> sockets, IReadOnlyList<RequestFlow> flows)
    {
        _request = request;
        _token = token;
        _sockets = sockets;
        _flows = flows;
        Received = [.. flows.Select(flow => flow.Counters)];
        for (int i = 0; i < sockets.Count; i++)
        {
            int stream = i;
            SocketFlow.Prepare(sockets[i]);
            if (request.RatePerSecond > 0)
            {
                AddSender($"ask {i}", () => AskOnTime((ushort)stream, _sockets[stream], flows[stream]));
                AddReceiver($"hear {i}", () => HearAll(_sockets[stream], flows[stream]));
            }
            else
            {
                AddSender($"ask {i}", () => AskInTurn((ushort)stream, _sockets[stream], flows[stream]));
            }
        }
    }

    /// <inheritdoc/>
    public override long Unsent => _flows.Sum(flow => flow.Unsent);

    /// <inheritdoc/>
    protected override void Close()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private void AskInTurn(ushort stream, Socket socket, RequestFlow flow)
    {
        byte[] payload = Payload.Random(_request.MessageBytes, _request.Seed + stream);
        byte[] buffer = new byte[ushort.MaxValue];
        long now = MonotonicTime.Now;
        long sequence = 0;
        while (!SendingStop.IsSet && !flow.IsOver(now))
        {
            long sent = now;
            new UdpDatagram(_token, stream, sequence, sent).Write(payload);
            flow.Ask();
            _ = socket.Send(payload, SocketFlags.None, out _);
            if (Hear(socket, buffer, sequence, sent + MonotonicTime.Of(MeasuringLimits.DrainTime)))
            {
                now = MonotonicTime.Now;
                flow.Answer(sent, now, _request.ResponseBytes);
            }
            else
            {
                now = MonotonicTime.Now; // lost, or so late that it is as good as lost
            }

            sequence++;
        }
    }

    private bool Hear(Socket socket, byte[] buffer, long sequence, long deadline)
    {
        while (true)
        {
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success && UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram)
                && datagram.Token == _token && datagram.Sequence == sequence)
            {
                return true;
            }

            if (SendingStop.IsSet || MonotonicTime.Now > deadline)
            {
                return false;
            }
        }
    }

    private void AskOnTime(ushort stream, Socket socket, RequestFlow flow)
    {
        PreciseSleep.SharpenThread();
        byte[] payload = Payload.Random(_request.MessageBytes, _request.Seed + stream);
        while (flow.AwaitNext(out bool isDue) && !SendingStop.IsSet)
        {
            if (!isDue)
            {
                continue;
            }

            long now = MonotonicTime.Now;
            new UdpDatagram(_token, stream, flow.Requests, now).Write(payload);
            flow.Leave(now);
            _ = socket.Send(payload, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                flow.Refuse(); // it counts as lost
            }
        }
    }

    private void HearAll(Socket socket, RequestFlow flow)
    {
        byte[] buffer = new byte[ushort.MaxValue];
        while (!ReceivingStop.IsSet)
        {
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success && UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram)
                && datagram.Token == _token)
            {
                flow.Arrive(datagram.Sequence, MonotonicTime.Now, count);
            }
        }
    }
}
