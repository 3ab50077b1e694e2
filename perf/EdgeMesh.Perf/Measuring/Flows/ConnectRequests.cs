using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>The client's end of crr: connect, request, response, close, again and again.</summary>
/// <remarks>
/// Each flow does one transaction at a time. At a rate, a transaction is meant to begin at its time even if all flows
/// are busy then: it waits for one of them, and its delay says so.
/// </remarks>
internal sealed class ConnectRequests : TrafficSide
{
    private readonly MeasurementRequest _request;
    private readonly IPEndPoint _to;
    private readonly byte[] _payload;
    private readonly Pacer? _pacer;
    private readonly long _untilNanos;
    private long _next;

    /// <summary>Prepares the threads.</summary>
    /// <param name="request">What was agreed.</param>
    /// <param name="to">Where to connect.</param>
    /// <param name="preamble">The first bytes of each connection.</param>
    /// <param name="flows">One per stream.</param>
    /// <param name="startNanos">When time begins to run.</param>
    public ConnectRequests(
        MeasurementRequest request, IPEndPoint to, byte[] preamble, IReadOnlyList<RequestFlow> flows, long startNanos)
    {
        _request = request;
        _to = to;
        _payload = [.. preamble, .. Payload.Random(request.MessageBytes, request.Seed)];
        _untilNanos = startNanos + ((request.OmitMillis + (long)request.DurationMillis) * MonotonicTime.Millisecond);
        _pacer = request.RatePerSecond > 0 ? new Pacer(startNanos, request.RatePerSecond) : null;
        Received = [.. flows.Select(flow => flow.Counters)];
        foreach (RequestFlow flow in flows)
        {
            AddSender("connect", () => ConnectAll(flow));
        }
    }

    /// <inheritdoc/>
    public override long Unsent => _pacer is null
        ? 0
        : Math.Max(0, _pacer.DueBefore(_untilNanos) - Interlocked.Read(ref _next));

    /// <inheritdoc/>
    protected override void Close()
    {
    }

    private void ConnectAll(RequestFlow flow)
    {
        PreciseSleep.SharpenThread();
        byte[] buffer = new byte[Math.Min(_request.ResponseBytes, ushort.MaxValue)];
        while (!SendingStop.IsSet)
        {
            long began = MonotonicTime.Now;
            if (_pacer is not null)
            {
                began = _pacer.IntendedNanos(Interlocked.Increment(ref _next) - 1);
                while (began < _untilNanos && !SendingStop.IsSet && !Pacer.Wait(began))
                {
                    // Only a look at the flag was due.
                }
            }

            if (began >= _untilNanos || SendingStop.IsSet)
            {
                return;
            }

            flow.Ask();
            if (TryTransact(buffer))
            {
                flow.Answer(began, MonotonicTime.Now, _request.ResponseBytes);
            }
            else
            {
                flow.Refuse();
            }
        }
    }

    private bool TryTransact(byte[] buffer)
    {
        using var socket = new Socket(_to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // On Linux a blocking connect ends with the time to send (socket(7), SO_SNDTIMEO).
            socket.SendTimeout = (int)MeasuringLimits.DrainTime.TotalMilliseconds;
            socket.ReceiveTimeout = StopFlag.LookMillis;
            socket.Connect(_to);
            return SocketFlow.Send(socket, _payload, SendingStop)
                && SocketFlow.Skip(socket, buffer, _request.ResponseBytes, SendingStop)
                && SocketFlow.Receive(socket, buffer, SendingStop) == 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
