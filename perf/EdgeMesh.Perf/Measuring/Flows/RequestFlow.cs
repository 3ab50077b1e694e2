using System;
using System.Threading;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Flows;

/// <summary>One flow of requests: when they are meant to leave, what their delays were.</summary>
/// <remarks>
/// Closed loop: one thread. Open loop: one thread sends, one receives. The sender writes <see cref="_sentNanos"/> and
/// <see cref="Requests"/>, the receiver everything else. Nothing here allocates once the flow has begun.
/// </remarks>
internal sealed class RequestFlow
{
    private const int OutstandingMax = 1 << 16; // whose time of sending is remembered

    private readonly long[] _sentNanos = new long[OutstandingMax];
    private readonly long _fromNanos;
    private readonly long _untilNanos;
    private readonly Pacer? _pacer;
    private long _requests;
    private long _answered;

    /// <summary>Prepares a flow.</summary>
    /// <param name="request">Duration, rate and what is omitted.</param>
    /// <param name="stream">Its number; the flows' intended times are interleaved.</param>
    /// <param name="startNanos">When time begins to run.</param>
    public RequestFlow(MeasurementRequest request, int stream, long startNanos)
    {
        _fromNanos = startNanos + (request.OmitMillis * MonotonicTime.Millisecond);
        _untilNanos = _fromNanos + (request.DurationMillis * MonotonicTime.Millisecond);
        if (request.RatePerSecond > 0)
        {
            double perFlow = request.RatePerSecond / request.Streams;
            _pacer = new Pacer(startNanos + (long)(stream * MonotonicTime.Second / request.RatePerSecond), perFlow);
        }
    }

    /// <summary>Delays from the intended time of sending; in a closed loop from the time of sending.</summary>
    public LatencyRecorder Latency { get; } = new();

    /// <summary>Delays from the time of sending.</summary>
    public LatencyRecorder FromSending { get; } = new();

    /// <summary>How late requests left.</summary>
    public LatencyRecorder Lateness { get; } = new();

    /// <summary>Responses.</summary>
    public FlowCounters Counters { get; } = new();

    /// <summary>Requests that left.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests that were answered.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Requests that left and have no answer.</summary>
    public long Lost => Requests - Answered;

    /// <summary>
    /// Open loop: requests that were meant to leave before the end and have not: the sender came too late, or TCP did
    /// not take them.
    /// </summary>
    public long Unsent => _pacer is null ? 0 : Math.Max(0, _pacer.DueBefore(_untilNanos) - Requests);

    /// <summary>Open loop: waits until the next request is meant to leave.</summary>
    /// <returns>
    /// False if that is beyond the end; sets <paramref name="isDue"/> unless only a look at a flag is due.
    /// </returns>
    public bool AwaitNext(out bool isDue)
    {
        long intended = _pacer!.IntendedNanos(_requests);
        isDue = Pacer.Wait(intended);
        return intended < _untilNanos;
    }

    /// <summary>Open loop: the next request leaves now.</summary>
    public void Leave(long nowNanos)
    {
        Volatile.Write(ref _sentNanos[_requests & (OutstandingMax - 1)], nowNanos);
        long intended = _pacer!.IntendedNanos(_requests);
        if (intended >= _fromNanos)
        {
            Lateness.Record(nowNanos - intended);
        }

        Volatile.Write(ref _requests, _requests + 1);
    }

    /// <summary>Open loop: the last request that left did not leave after all.</summary>
    public void Refuse() => Counters.AddError();

    /// <summary>Open loop: a response has come.</summary>
    public void Arrive(long sequence, long nowNanos, int bytes)
    {
        if (sequence < 0 || sequence >= Requests)
        {
            return; // no such request
        }

        Volatile.Write(ref _answered, _answered + 1);
        Counters.Add(1, bytes);
        Record(sequence, nowNanos);
    }

    /// <summary>Open loop, after all threads have ended: what was never answered has waited until now.</summary>
    /// <remarks>
    /// Responses come in order, so these are the last ones, and after them those that could not even leave. Without
    /// them the delays would look better than they were.
    /// </remarks>
    public void RecordUnanswered(long nowNanos)
    {
        long meant = _requests + Unsent;
        for (long sequence = _answered; sequence < meant; sequence++)
        {
            Record(sequence, nowNanos);
        }
    }

    /// <summary>Closed loop: a request left.</summary>
    public void Ask() => Volatile.Write(ref _requests, _requests + 1);

    /// <summary>Closed loop: its response has come.</summary>
    public void Answer(long sentNanos, long nowNanos, int bytes)
    {
        Volatile.Write(ref _answered, _answered + 1);
        Counters.Add(1, bytes);
        if (sentNanos >= _fromNanos && sentNanos < _untilNanos)
        {
            Latency.Record(nowNanos - sentNanos);
        }
    }

    /// <summary>Closed loop: whether the time is over.</summary>
    public bool IsOver(long nowNanos) => nowNanos >= _untilNanos;

    private void Record(long sequence, long nowNanos)
    {
        long intended = _pacer!.IntendedNanos(sequence);
        if (intended < _fromNanos)
        {
            return;
        }

        Latency.Record(nowNanos - intended);
        if (sequence < Requests && Requests - sequence < OutstandingMax)
        {
            FromSending.Record(nowNanos - Volatile.Read(ref _sentNanos[sequence & (OutstandingMax - 1)]));
        }
    }
}
