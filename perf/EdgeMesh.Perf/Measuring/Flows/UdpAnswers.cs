using System;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>Answers datagrams that show the session's token; to others it is silent.</summary>
internal sealed class UdpAnswers : TrafficSide
{
    private readonly MeasurementRequest _request;
    private readonly ulong _token;
    private readonly Socket _socket;

    /// <summary>Prepares the thread.</summary>
    public UdpAnswers(MeasurementRequest request, ulong token, Socket socket)
    {
        _request = request;
        _token = token;
        _socket = socket;
        SocketFlow.Prepare(socket);
        Received = [new FlowCounters()];
        AddReceiver("echo", AnswerAll);
    }

    /// <inheritdoc/>
    protected override void Close() => _socket.Dispose();

    private void AnswerAll()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(ushort.MaxValue);
        byte[] response = Payload.Random(_request.ResponseBytes, _request.Seed);
        var from = new SocketAddress(_socket.AddressFamily);
        while (!ReceivingStop.IsSet)
        {
            // Without this, an idle wait would end in an exception: ReceiveFrom has no form that returns its error.
            if (!_socket.Poll(StopFlag.LookMillis * 1000, SelectMode.SelectRead))
            {
                continue;
            }

            try
            {
                int count = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                if (UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram)
                    && datagram.Token == _token && datagram.Sequence != UdpDatagram.Introduction)
                {
                    // The head as it came: the client knows its own clock and counts.
                    buffer.AsSpan(0, UdpDatagram.HeaderBytes).CopyTo(response);
                    _socket.SendTo(response, SocketFlags.None, from);
                    Received[0].Add(1, count);
                }
            }
            catch (SocketException)
            {
                // The answer to an earlier datagram, or no room to send: that transaction is lost, and the client
                // counts it.
            }
        }
    }
}
