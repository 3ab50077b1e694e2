using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>One end of bulk by UDP.</summary>
internal sealed class UdpTraffic : TrafficSide
{
    private readonly MeasurementRequest _request;
    private readonly ulong _token;
    private readonly List<Socket> _sockets = [];
    private readonly UdpArrivals[] _arrivals = [];
    private readonly KernelArrivals? _kernel;

    /// <summary>Prepares the threads.</summary>
    /// <param name="request">What was agreed.</param>
    /// <param name="token">What each datagram shows.</param>
    /// <param name="outgoing">One sender per stream: socket, and where to if it is not connected.</param>
    /// <param name="incoming">Sockets to receive on, one thread each.</param>
    public UdpTraffic(
        MeasurementRequest request,
        ulong token,
        IReadOnlyList<(Socket Socket, SocketAddress? To)> outgoing,
        IReadOnlyList<Socket> incoming)
    {
        _request = request;
        _token = token;
        _sockets.AddRange(outgoing.Select(flow => flow.Socket).Concat(incoming).Distinct());
        _sockets.ForEach(SocketFlow.Prepare);
        Sent = [.. outgoing.Select(_ => new FlowCounters())];
        for (int i = 0; i < outgoing.Count; i++)
        {
            int stream = i;
            AddSender($"send {i}", () => SendAll((ushort)stream, outgoing[stream].Socket, outgoing[stream].To));
        }

        if (incoming.Count == 0)
        {
            return;
        }

        if (request.Counting == ArrivalCounting.Kernel)
        {
            _kernel = new KernelArrivals(incoming[0].AddressFamily, request.MessageBytes);
            Received = [_kernel.Counters];
            return;
        }

        _arrivals = [.. Enumerable.Range(0, request.Streams).Select(_ => new UdpArrivals())];
        Received = [.. _arrivals.Select(arrivals => arrivals.Counters)];
        foreach (Socket socket in incoming)
        {
            AddReceiver("receive", () => ReceiveAll(socket));
        }
    }

    /// <inheritdoc/>
    public override void Refresh() => _kernel?.Refresh();

    /// <inheritdoc/>
    public override ReceivedOutcome Complete(ReceivedOutcome outcome) => outcome with
    {
        IsEachSeen = _kernel is null,
        PacketsTotal = Received.Sum(counters => counters.Packets),
        Reordered = _arrivals.Sum(arrivals => arrivals.Reordered),
        JitterMicros = _arrivals.Length == 0 ? 0 : _arrivals.Average(arrivals => arrivals.JitterNanos) / 1000,
    };

    /// <inheritdoc/>
    public override SentOutcome Complete(SentOutcome outcome) => outcome with
    {
        PacketsTotal = Sent.Sum(counters => counters.Packets),
        Errors = Sent.Sum(counters => counters.Errors),
    };

    /// <inheritdoc/>
    protected override void Close() => _sockets.ForEach(socket => socket.Dispose());

    private void SendAll(ushort stream, Socket socket, SocketAddress? to)
    {
        int segments = UdpSegments.Enable(socket, _request.MessageBytes, to is null ? _request.SegmentsPerSend : 1);
        UdpFlow.Send(
            new UdpSender(socket, to, _request.MessageBytes, segments, _request.Seed + stream),
            new UdpDatagram(_token, stream, 0, 0),
            _request.RatePerSecond / _request.Streams,
            Sent[stream],
            SendingStop);
    }

    private void ReceiveAll(Socket socket)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(ushort.MaxValue);
        while (true)
        {
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                if (ReceivingStop.IsSet)
                {
                    return;
                }

                continue; // nothing came for a while, or the answer to an introduction
            }

            if (UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram) && datagram.Token == _token
                && datagram.Stream < _arrivals.Length && datagram.Sequence != UdpDatagram.Introduction)
            {
                _arrivals[datagram.Stream].Add(datagram, count, MonotonicTime.Now);
            }
            else if (ReceivingStop.IsSet)
            {
                return;
            }
        }
    }
}
