using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>
/// Cuts counters into intervals: waits out what is omitted, then takes a value each interval until the duration is
/// over.
/// </summary>
/// <remarks>Reads no clock: who owns it waits until <see cref="NextNanos"/> and says what time it was.</remarks>
internal sealed class IntervalSampler
{
    private readonly FlowCounters[] _flows;
    private readonly long _intervalNanos;
    private readonly long _durationNanos;
    private readonly List<double> _bitsPerSecond = [];
    private readonly List<double> _packetsPerSecond = [];
    private long[] _firstBytes = [];
    private long _firstPackets;
    private long _firstNanos;
    private long _untilNanos = long.MaxValue;
    private long _lastBytes;
    private long _lastPackets;
    private long _lastNanos;

    /// <summary>Begins.</summary>
    /// <param name="flows">Whose counters.</param>
    /// <param name="request">How long, and how often.</param>
    /// <param name="startNanos">When time began to run.</param>
    public IntervalSampler(FlowCounters[] flows, MeasurementRequest request, long startNanos)
    {
        _flows = flows;
        _intervalNanos = request.IntervalMillis * MonotonicTime.Millisecond;
        _durationNanos = request.DurationMillis * MonotonicTime.Millisecond;
        NextNanos = startNanos + (request.OmitMillis * MonotonicTime.Millisecond);
    }

    /// <summary>When to take the next value.</summary>
    public long NextNanos { get; private set; }

    /// <summary>Whether the duration is over.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Payload of each interval, bits per second.</summary>
    public IReadOnlyList<double> BitsPerSecond => _bitsPerSecond;

    /// <summary>Datagrams or transactions of each interval, per second.</summary>
    public IReadOnlyList<double> PacketsPerSecond => _packetsPerSecond;

    /// <summary>Measured time so far, seconds.</summary>
    public double Seconds => (_lastNanos - _firstNanos) / (double)MonotonicTime.Second;

    /// <summary>Datagrams or transactions in that time.</summary>
    public long Packets => _lastPackets - _firstPackets;

    /// <summary>Payload in that time.</summary>
    public long Bytes => _lastBytes - _firstBytes.Sum();

    /// <summary>Takes a value.</summary>
    public void Take(long nowNanos)
    {
        long[] bytes = [.. _flows.Select(flow => flow.Bytes)];
        long packets = _flows.Sum(flow => flow.Packets);
        long sum = bytes.Sum();
        if (_firstNanos == 0)
        {
            _firstBytes = bytes;
            _firstPackets = packets;
            _firstNanos = nowNanos;

            // From now, not from when it was due: a late start must not shorten what is measured.
            NextNanos = nowNanos;
            _untilNanos = nowNanos + _durationNanos;
        }
        else
        {
            double seconds = Math.Max(nowNanos - _lastNanos, 1) / (double)MonotonicTime.Second;
            _bitsPerSecond.Add((sum - _lastBytes) * 8 / seconds);
            _packetsPerSecond.Add((packets - _lastPackets) / seconds);
            StreamBytes = [.. bytes.Zip(_firstBytes, (last, first) => (double)(last - first))];
        }

        _lastBytes = sum;
        _lastPackets = packets;
        _lastNanos = nowNanos;
        IsDone = nowNanos >= _untilNanos;
        NextNanos = Math.Min(NextNanos + _intervalNanos, _untilNanos);
    }

    /// <summary>Payload of each stream in the measured time, bytes.</summary>
    public IReadOnlyList<double> StreamBytes { get; private set; } = [];

    /// <summary>As what came in.</summary>
    public ReceivedOutcome ToReceived() => new()
    {
        Seconds = Math.Max(Seconds, 1e-9),
        Bytes = Bytes,
        Packets = Packets,
        BitsPerSecond = BitsPerSecond,
        StreamBytes = StreamBytes,
    };

    /// <summary>As what went out.</summary>
    public SentOutcome ToSent() => new() { PacketsPerSecond = Packets / Math.Max(Seconds, 1e-9) };
}
