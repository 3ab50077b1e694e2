using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Perf.Measuring.Protocol;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

/// <summary>Threads that send and receive allocate what they begin with, and nothing per packet.</summary>
public sealed class GeneratorAllocationTests
{
    // A runtime may allocate a few objects at any time (a timer, a wait); packets would make megabytes of it.
    private const long SlackBytes = 16 << 10;

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public void Longer_runs_allocate_no_more(double rate)
    {
        (long first, long packets) = Run(rate, packetsMin: 100);
        (long second, _) = Run(rate, packets + 3000);
        Assert.InRange(second - first, -SlackBytes, SlackBytes);
    }

    // As long as it takes: other tests may leave it little of the processors.
    private static (long AllocatedBytes, long Packets) Run(double rate, long packetsMin)
    {
        var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        MeasurementRequest request = Loopback.Request(TestKind.UdpBulk, 64) with { RatePerSecond = rate };
        using var traffic = new UdpTraffic(request, 7, [(sender, (SocketAddress?)null)], [receiver]);
        traffic.Start();
        Assert.True(SpinWait.SpinUntil(() => traffic.Sent[0].Packets >= packetsMin, TimeSpan.FromMinutes(1)));
        traffic.StopSending();
        traffic.StopReceiving();
        Assert.True(traffic.Received[0].Packets > 0);
        return (traffic.AllocatedBytes, traffic.Sent[0].Packets);
    }
}
