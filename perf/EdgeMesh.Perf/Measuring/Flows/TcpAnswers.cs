using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>Answers requests on standing TCP connections.</summary>
internal sealed class TcpAnswers : TrafficSide
{
    private const int ReadBytes = 64 << 10;

    private readonly MeasurementRequest _request;
    private readonly IReadOnlyList<Socket> _sockets;
    private readonly byte[] _response;

    /// <summary>Prepares the threads.</summary>
    public TcpAnswers(MeasurementRequest request, IReadOnlyList<Socket> sockets)
    {
        _request = request;
        _sockets = sockets;
        _response = Payload.Random(request.ResponseBytes, request.Seed);
        Received = [.. sockets.Select(_ => new FlowCounters())];
        for (int i = 0; i < sockets.Count; i++)
        {
            int stream = i;
            SocketFlow.Prepare(sockets[i]);
            AddReceiver($"echo {i}", () => AnswerAll(_sockets[stream], Received[stream]));
        }
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private void AnswerAll(Socket socket, FlowCounters counters)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(Math.Min(_request.MessageBytes, ReadBytes));
        while (SocketFlow.Skip(socket, buffer, _request.MessageBytes, ReceivingStop)
            && SocketFlow.Send(socket, _response, ReceivingStop))
        {
            counters.Add(1, _request.MessageBytes);
        }
    }
}
