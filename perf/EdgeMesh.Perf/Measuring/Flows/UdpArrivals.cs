using System;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>Order and jitter of one stream's datagrams. Written by one thread.</summary>
internal sealed class UdpArrivals
{
    private const double JitterGain = 1.0 / 16; // RFC 3550 §6.4.1

    private long _highest = -1;
    private long _transitNanos;

    /// <summary>What has arrived.</summary>
    public FlowCounters Counters { get; } = new();

    /// <summary>Datagrams that came after a later one.</summary>
    public long Reordered { get; private set; }

    /// <summary>Interarrival jitter. The ends' clocks need not agree: only differences count.</summary>
    public double JitterNanos { get; private set; }

    /// <summary>Counts a datagram.</summary>
    public void Add(UdpDatagram datagram, int bytes, long nowNanos)
    {
        long transit = unchecked(nowNanos - datagram.SentNanos);
        if (_highest >= 0)
        {
            double change = Math.Abs((double)transit - _transitNanos);
            JitterNanos += (change - JitterNanos) * JitterGain;
        }

        _transitNanos = transit;
        if (datagram.Sequence < _highest)
        {
            Reordered++;
        }
        else
        {
            _highest = datagram.Sequence;
        }

        Counters.Add(1, bytes);
    }
}
