using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Io;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>Probes of one lane: they measure its round trip and keep NATs open. Runs on its worker's thread.</summary>
internal sealed class LaneProbes : IDisposable
{
    /// <summary>Probes that somebody waits for, at most.</summary>
    public const int WaitingMax = 64;

    /// <summary>One probe each, so that NAT bindings live (RFC 5382 §5 allows 4 min, real ones far less).</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ulong, TaskCompletionSource<ProbeResult?>> _waiting = [];
    private readonly EventLoop _loop;
    private readonly Lane _lane;
    private readonly LoopTimer _timer;
    private ulong _counter;

    /// <summary>Makes the probes of <paramref name="lane"/>; none is sent before <see cref="Start()"/>.</summary>
    public LaneProbes(EventLoop loop, Lane lane)
    {
        _loop = loop;
        _lane = lane;
        _timer = loop.CreateTimer(static state => ((LaneProbes)state!).SendPeriodic(), this);
    }

    /// <summary>Round trip of the last probe; zero if none was answered yet.</summary>
    public TimeSpan LastRoundTrip { get; private set; }

    /// <summary>Sends the first probe, then one each <see cref="Interval"/>.</summary>
    public void Start() => SendPeriodic();

    /// <summary>Sends one probe and answers when its reply is here, or null when the time is up.</summary>
    public void Start(TaskCompletionSource<ProbeResult?> answer, TimeSpan timeout)
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

        Instant now = EventLoop.ReadNow();
        if (probe.Counter == 0 || probe.Counter > _counter || probe.SentAt > now || probe.SentAt < new Instant(0))
        {
            return; // not one of ours
        }

        TimeSpan roundTrip = now - probe.SentAt;

        LastRoundTrip = roundTrip;
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

    private void SendPeriodic()
    {
        TrySend(out _);
        _timer.Schedule(_loop.Now + Interval);
    }

    private bool TrySend(out ulong number)
    {
        number = ++_counter;
        Span<byte> value = stackalloc byte[Probe.SizeBytes];
        new Probe(number, EventLoop.ReadNow()).Write(value);
        return _lane.TrySendControl(CapsuleType.Probe, value);
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
