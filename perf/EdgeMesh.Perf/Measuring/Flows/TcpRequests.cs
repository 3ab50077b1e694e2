using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>The client's end of request and response on standing TCP connections.</summary>
internal sealed class TcpRequests : TrafficSide
{
    private const int ReadBytes = 64 << 10;

    private readonly MeasurementRequest _request;
    private readonly IReadOnlyList<Socket> _sockets;
    private readonly IReadOnlyList<RequestFlow> _flows;
    private readonly byte[] _payload;

    /// <summary>Prepares the threads.</summary>
    public TcpRequests(MeasurementRequest request, IReadOnlyList<Socket> sockets, IReadOnlyList<RequestFlow> flows)
    {
        _request = request;
        _sockets = sockets;
        _flows = flows;
        _payload = Payload.Random(request.MessageBytes, request.Seed);
        Received = [.. flows.Select(flow => flow.Counters)];
        for (int i = 0; i < sockets.Count; i++)
        {
            int stream = i;
            SocketFlow.Prepare(sockets[i]);
            if (request.RatePerSecond > 0)
            {
                AddSender($"ask {i}", () => AskOnTime(_sockets[stream], flows[stream]));
                AddReceiver($"hear {i}", () => HearAll(_sockets[stream], flows[stream]));
            }
            else
            {
                AddSender($"ask {i}", () => AskInTurn(_sockets[stream], flows[stream]));
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

    private void AskInTurn(Socket socket, RequestFlow flow)
    {
        byte[] buffer = new byte[Math.Min(_request.ResponseBytes, ReadBytes)];
        long now = MonotonicTime.Now;
        while (!SendingStop.IsSet && !flow.IsOver(now))
        {
            long sent = now;
            flow.Ask();
            if (!SocketFlow.Send(socket, _payload, SendingStop)
                || !SocketFlow.Skip(socket, buffer, _request.ResponseBytes, SendingStop))
            {
                return;
            }

            now = MonotonicTime.Now;
            flow.Answer(sent, now, _request.ResponseBytes);
        }
    }

    private void AskOnTime(Socket socket, RequestFlow flow)
    {
        PreciseSleep.SharpenThread();
        while (flow.AwaitNext(out bool isDue) && !SendingStop.IsSet)
        {
            if (!isDue)
            {
                continue;
            }

            flow.Leave(MonotonicTime.Now);
            if (!SocketFlow.Send(socket, _payload, SendingStop))
            {
                flow.Refuse();
                return;
            }
        }
    }

    private void HearAll(Socket socket, RequestFlow flow)
    {
        byte[] buffer = new byte[Math.Min(_request.ResponseBytes, ReadBytes)];
        long sequence = 0;
        while (SocketFlow.Skip(socket, buffer, _request.ResponseBytes, ReceivingStop))
        {
            flow.Arrive(sequence, MonotonicTime.Now, _request.ResponseBytes);
            sequence++;
        }
    }
}
