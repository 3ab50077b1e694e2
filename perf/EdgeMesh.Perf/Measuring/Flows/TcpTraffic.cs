using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>One end of bulk over TCP.</summary>
internal sealed class TcpTraffic : TrafficSide
{
    private const int ReadBytes = 128 << 10; // what fits a core's second-level cache beside the kernel's own

    private readonly IReadOnlyList<Socket> _outgoing;
    private readonly IReadOnlyList<Socket> _incoming;
    private readonly byte[] _payload;
    private TcpInfo[] _infos = [];

    /// <summary>Prepares the threads.</summary>
    /// <param name="request">What was agreed.</param>
    /// <param name="outgoing">Connections to send on; owned from here.</param>
    /// <param name="incoming">Connections to receive on; owned from here.</param>
    public TcpTraffic(MeasurementRequest request, IReadOnlyList<Socket> outgoing, IReadOnlyList<Socket> incoming)
    {
        _outgoing = outgoing;
        _incoming = incoming;
        _payload = Payload.Random(request.MessageBytes, request.Seed);
        Sent = [.. outgoing.Select(_ => new FlowCounters())];
        Received = [.. incoming.Select(_ => new FlowCounters())];
        for (int i = 0; i < outgoing.Count; i++)
        {
            int stream = i;
            SocketFlow.Prepare(outgoing[i]);
            TcpOptions.SetCongestion(outgoing[i], request.Congestion);
            AddSender($"send {i}", () => SendAll(_outgoing[stream], Sent[stream]));
        }

        for (int i = 0; i < incoming.Count; i++)
        {
            int stream = i;
            SocketFlow.Prepare(incoming[i]);
            AddReceiver($"receive {i}", () => ReceiveAll(_incoming[stream], Received[stream]));
        }
    }

    /// <inheritdoc/>
    public override SentOutcome Complete(SentOutcome outcome) => _infos.Length == 0 ? outcome : outcome with
    {
        Retransmits = _infos.Sum(info => info.Retransmits),
        RttMicros = _infos.Average(info => info.RttMicros),
        CongestionWindowBytes = _infos.Average(info => info.WindowSegments * info.SegmentBytes),
        SegmentBytes = _infos.Max(info => info.SegmentBytes),
    };

    /// <summary>What the kernel knows of the sending connections now.</summary>
    public TcpInfo[] ReadInfos() => [.. _outgoing.Select(TcpInfo.Of)];

    /// <inheritdoc/>
    protected override void OnSendingEnded()
    {
        _infos = ReadInfos();
        foreach (Socket socket in _outgoing)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The connection is gone already.
            }
        }
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        foreach (Socket socket in _outgoing.Concat(_incoming))
        {
            socket.Dispose();
        }
    }

    private void SendAll(Socket socket, FlowCounters counters)
    {
        while (!SendingStop.IsSet)
        {
            int count = socket.Send(_payload, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
            {
                counters.Add(0, count);
            }
            else if (!SocketFlow.IsLate(error))
            {
                counters.AddError();
                return;
            }
        }
    }

    private void ReceiveAll(Socket socket, FlowCounters counters)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(ReadBytes);
        int count;
        while (!ReceivingStop.IsSet && (count = SocketFlow.Receive(socket, buffer, ReceivingStop)) > 0)
        {
            counters.Add(0, count);
        }
    }
}
