using System;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Serving;

/// <summary>Answers connections that bring one request each, and closes them.</summary>
/// <remarks>This end closes first, so that the time the address pair rests (TIME_WAIT) is not the client's.</remarks>
internal sealed class ConnectAnswers : TrafficSide
{
    private const int ReadBytes = 64 << 10;

    [ThreadStatic]
    private static byte[]? _buffer;

    private readonly MeasurementRequest _request;
    private readonly byte[] _response;

    /// <summary>Prepares the answer.</summary>
    public ConnectAnswers(MeasurementRequest request)
    {
        _request = request;
        _response = request.Test == TestKind.TcpConnect ? Payload.Random(request.ResponseBytes, request.Seed) : [];
    }

    /// <summary>Reads the request, answers, closes. On a greeting thread.</summary>
    /// <returns>False if there came no request: the connection stays the caller's.</returns>
    public bool Answer(Socket socket)
    {
        _buffer ??= new byte[ReadBytes];
        SocketFlow.Prepare(socket);
        if (!SocketFlow.Skip(socket, _buffer, _request.MessageBytes, ReceivingStop)
            || !SocketFlow.Send(socket, _response, ReceivingStop))
        {
            return false;
        }

        socket.Dispose();
        return true;
    }

    /// <inheritdoc/>
    protected override void Close()
    {
    }
}
