using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>
/// Probes of one lane: they measure its round trip, keep NATs open, and tell whether packets pass. On its worker's
/// thread.
/// </summary>
internal sealed class LaneProbes : IDisposable
{
    /// <summary>Probes that somebody waits for, at most.</summary>
    public const int WaitingMax = 64;

    /// <summary>One probe each, so that NAT bindings live (RFC 5382 §5 allows 4 min, real ones far less).</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an answer may take before the lane counts as stalled: on the slowest link that makes sense, 128 kbit/s,
    /// a probe waits 4 s behind what the socket holds.
    /// </summary>
    public static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ulong, TaskCompletionSource<ProbeResult?>> _waiting = [];
    private readonly Loop _loop;
    private readonly Func<Probe, bool> _trySend;
    private readonly Action<TimeSpan?> _measured;
    private readonly LoopTimer _timer;
    private ulong _counter;
    private ulong _answered; // the newest that was; replies come in order, each at most once
    private Instant _sentAt;
    private Instant _unansweredSince = Instant.Never;
    private bool _isPeriodic;
    private bool _isStalled;

    /// <summary>Makes the probes of a lane; none is sent before <see cref="Start"/>.</summary>
    /// <param name="loop">The lane's.</param>
    /// <param name="trySend">Sends one, if the lane takes it now.</param>
    /// <param name="measured">Gets each round trip; null once an answer is overdue.</param>
    public LaneProbes(Loop loop, Func<Probe, bool> trySend, Action<TimeSpan?> measured)
    {
        _loop = loop;
        _trySend = trySend;
        _measured = measured;
        _timer = loop.CreateTimer(static state => ((LaneProbes)state!).HandleTimer(), this);
    }

    /// <summary>Sends the first probe.</summary>
    /// <param name="isPeriodic">Whether one follows each <see cref="Interval"/>; the other end's do as well.</param>
    public void Start(bool isPeriodic)
    {
        _isPeriodic = isPeriodic;
        Send();
    }

    /// <summary>Whether one is due that the lane did not take yet.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Sends one now, or as soon as the lane takes it.</summary>
    public void Send()
    {
        _sentAt = _loop.Now;
        _unansweredSince = _unansweredSince == Instant.Never ? _sentAt : _unansweredSince;
        _timer.Schedule(_sentAt + AnswerTimeMax);
        IsPending = !TrySend(out _);
    }

    /// <summary>The lane may take more than before.</summary>
    public void SendPending() => IsPending = IsPending && !TrySend(out _);

    /// <summary>Sends one probe and answers when its reply is here, or null when the time is up.</summary>
    public void Send(TaskCompletionSource<ProbeResult?> answer, TimeSpan timeout)
    {
        if (_waiting.Count >= WaitingMax || !TrySend(out ulong number))
        {
            answer.TrySetResult(null);
            return;
        }

        _waiting.Add(number, answer);
        _ = GiveUpAsync(number, timeout);
    }

    /// <summary>The peer answered.</summary>
    public void HandleReply(ReadOnlySpan<byte> value)
    {
        if (!Probe.TryReadReply(value, out Probe probe, out TimeSpan farQueueDelay))
        {
            return;
        }

        Instant now = _loop.ReadClock();
        if (probe.Counter <= _answered || probe.Counter > _counter
            || probe.SentAt > now || probe.SentAt < new Instant(0))
        {
            return; // not one of ours, or again
        }

        _answered = probe.Counter;
        TimeSpan roundTrip = now - probe.SentAt;
        _unansweredSince = Instant.Never;
        _isStalled = false;
        _measured(roundTrip);
        if (_waiting.Remove(probe.Counter, out TaskCompletionSource<ProbeResult?>? answer))
        {
            answer.TrySetResult(new ProbeResult(roundTrip, farQueueDelay));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Cancel();
        foreach (TaskCompletionSource<ProbeResult?> answer in _waiting.Values)
        {
            answer.TrySetResult(null);
        }

        _waiting.Clear();
    }

    private void HandleTimer()
    {
        if (_unansweredSince == Instant.Never)
        {
            if (_loop.Now >= _sentAt + Interval)
            {
                Send();
            }
            else if (_isPeriodic)
            {
                _timer.Schedule(_sentAt + Interval);
            }

            return;
        }

        if (!_isStalled)
        {
            _isStalled = true;
            _measured(null);
        }

        Send();
    }

    private bool TrySend(out ulong number)
    {
        number = ++_counter;
        return _trySend(new Probe(number, _loop.ReadClock()));
    }

    private async Task GiveUpAsync(ulong number, TimeSpan timeout)
    {
        await _loop.DelayAsync(timeout, default);
        if (_waiting.Remove(number, out TaskCompletionSource<ProbeResult?>? answer))
        {
            answer.TrySetResult(null);
        }
    }
}
