using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Tunnel.Lanes;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Lanes;

public sealed class LaneProbesTests : IDisposable
{
    private readonly HandLoop _loop = new();
    private readonly List<Probe> _sent = [];
    private readonly List<TimeSpan?> _measured = [];
    private readonly LaneProbes _probes;

    public LaneProbesTests() => _probes = new LaneProbes(_loop, TrySend, _measured.Add);

    public void Dispose() => _probes.Dispose();

    [Fact]
    public async Task Answer_gives_the_round_trip_and_whoever_asked_gets_it_too()
    {
        TaskCompletionSource<ProbeResult?> answer = new();
        _probes.Send(answer, TimeSpan.FromSeconds(1));
        _loop.Pass(TimeSpan.FromMilliseconds(3));
        Reply(_sent[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(3), Assert.Single(_measured));
        Assert.Equal(TimeSpan.FromMilliseconds(3), (await answer.Task)!.RoundTrip);
    }

    // Each answer is told to the links' thread: one sent again and again would fill what waits for it.
    [Fact]
    public void Answer_counts_once_however_often_it_comes()
    {
        _probes.Start(isPeriodic: true);
        for (int i = 0; i < 1000; i++)
        {
            Reply(_sent[0]);
        }

        Assert.Single(_measured);
    }

    [Fact]
    public void Answer_to_an_older_probe_does_not_count_after_that_to_a_newer_one()
    {
        _probes.Start(isPeriodic: true);
        _probes.Send();
        Reply(_sent[1]);
        Reply(_sent[0]);
        Assert.Single(_measured);
    }

    [Fact]
    public void Answer_to_a_probe_that_was_never_sent_does_not_count()
    {
        _probes.Start(isPeriodic: true);
        Reply(new Probe(2, _loop.Now));
        Reply(new Probe(0, _loop.Now));
        Reply(_sent[0] with { SentAt = _loop.Now + TimeSpan.FromSeconds(1) });
        Assert.Empty(_measured);
    }

    private bool TrySend(Probe probe)
    {
        _sent.Add(probe);
        return true;
    }

    private void Reply(Probe probe)
    {
        Span<byte> value = stackalloc byte[Probe.SizeBytes];
        Span<byte> reply = stackalloc byte[Probe.ReplyBytes];
        probe.Write(value);
        Probe.WriteReply(reply, value, TimeSpan.Zero);
        _probes.HandleReply(reply);
    }
}
