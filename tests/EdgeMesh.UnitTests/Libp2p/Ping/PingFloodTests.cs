using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identify;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Ping;
using EdgeMesh.SimulationTests.Simulation;
using EdgeMesh.UnitTests.Libp2p.Identify;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Ping;

/// <summary>A member of the mesh that pings, or tells who it is, as fast as it can.</summary>
/// <remarks>One test counts the memory of the whole process, so no other runs beside it.</remarks>
[Collection(nameof(PingFloodTests))]
[CollectionDefinition(nameof(PingFloodTests), DisableParallelization = true)]
public sealed class PingFloodTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Pings_leave_nothing_behind() => SimulatedLoop.Run(async loop =>
    {
        (Connection flooder, Connection flooded) = await ConnectAsync(loop);
        MuxedStream stream = await flooder.OpenStreamAsync("/ipfs/ping/1.0.0", default);
        await EchoAsync(2_000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int exceptions = 0;
        EventHandler<System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs> count = (_, _) =>
            exceptions += Environment.CurrentManagedThreadId == ThreadOfTest.Value ? 1 : 0;
        ThreadOfTest.Value = Environment.CurrentManagedThreadId;
        AppDomain.CurrentDomain.FirstChanceException += count;
        await EchoAsync(40_000);
        AppDomain.CurrentDomain.FirstChanceException -= count;
        Assert.Equal(0, exceptions);

        // One registration and its source each would be more than 200 bytes a ping.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 40_000 * 10);
        Assert.Equal(CloseReason.None, flooded.CloseReason);
        await flooder.CloseAsync();

        async Task EchoAsync(int pings)
        {
            byte[] batch = new byte[PingLimits.Burst * PingLimits.PayloadBytes];
            long received = 0;
            for (int sent = 0; sent < pings; sent += PingLimits.Burst)
            {
                await stream.Output.WriteAsync(batch);
                while (received < (sent + PingLimits.Burst) * PingLimits.PayloadBytes)
                {
                    ReadResult read = await stream.Input.ReadAsync();
                    received += read.Buffer.Length;
                    stream.Input.AdvanceTo(read.Buffer.End);
                }
            }
        }
    });

    [Fact]
    public void A_flood_is_answered_at_the_limit_and_others_are_as_fast_as_before() => SimulatedLoop.Run(async loop =>
    {
        (Connection flooder, Connection flooded) = await ConnectAsync(loop);
        long answered = 0;
        for (int i = 0; i < PingLimits.InboundStreamsMax; i++)
        {
            MuxedStream stream = await flooder.OpenStreamAsync("/ipfs/ping/1.0.0", default);
            _ = WriteForeverAsync(stream);
            _ = CountAsync(stream);
        }

        MuxedStream echo = await flooder.OpenStreamAsync("/echo/1.0.0", default);
        long begin = loop.Now;
        long sentBefore = flooded.SentBytes;
        while (loop.Now - begin < Minute.Ticks * TimeSpan.NanosecondsPerTick)
        {
            long asked = loop.Now;
            await echo.Output.WriteAsync(new byte[100]);
            ReadResult read = await echo.Input.ReadAsync();
            echo.Input.AdvanceTo(read.Buffer.End);
            Assert.InRange(loop.Now - asked, 0, 2_100_000);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(50));
        }

        long pings = answered / PingLimits.PayloadBytes;
        long allowed = PingLimits.Burst + (long)(Minute / PingLimits.AnswerInterval) + 2;
        Assert.InRange(pings, allowed * 9 / 10, allowed);
        Assert.InRange(flooded.SentBytes - sentBefore, 0, 60 * 10_000);
        Assert.InRange(flooded.UnreadBytes, 0, PingLimits.InboundStreamsMax * 256 * 1024);
        await flooder.CloseAsync();

        async Task CountAsync(MuxedStream stream)
        {
            try
            {
                while (true)
                {
                    ReadResult read = await stream.Input.ReadAsync();
                    answered += read.Buffer.Length;
                    stream.Input.AdvanceTo(read.Buffer.End);
                }
            }
            catch (StreamException)
            {
                // The test is over.
            }
        }

        static async Task WriteForeverAsync(MuxedStream stream)
        {
            byte[] pings = new byte[1024 * PingLimits.PayloadBytes];
            while (!(await stream.Output.WriteAsync(pings)).IsCompleted)
            {
                // Until the test is over.
            }
        }
    });

    [Fact]
    public void Pings_once_a_second_and_a_burst_are_answered_at_once() => SimulatedLoop.Run(async loop =>
    {
        (Connection pinger, _) = await ConnectAsync(loop);
        await using PingClient ping = await PingClient.OpenAsync(pinger, default);
        for (int i = 0; i < PingLimits.Burst + 100; i++)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(2), await ping.PingAsync(default));
            await loop.DelayAsync(TimeSpan.FromSeconds(i < PingLimits.Burst ? 0 : 1));
        }

        await pinger.CloseAsync();
    });

    [Fact]
    public void Pushes_beyond_the_limit_are_reset_and_leave_nothing_behind() => SimulatedLoop.Run(async loop =>
    {
        using KeyPair leftKey = SecuredPair.IdentityOf(1);
        using KeyPair rightKey = SecuredPair.IdentityOf(2);
        Host right = HostTests.MakeHost(loop, rightKey);
        (Connection flooder, Connection flooded) =
            await HostTests.ConnectAsync(loop, HostTests.MakeHost(loop, leftKey), right);
        await loop.DelayAsync(TimeSpan.FromSeconds(1));
        int told = 0;
        right.Identified = (_, _) => told++;
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            MuxedStream stream = await flooder.OpenStreamAsync("/ipfs/id/push/1.0.0", default);
            await stream.Output.WriteAsync(IdentifyCodec.Encode(new IdentifyInfo { AgentVersion = $"unit/{i}" }));
            await stream.DisposeAsync();
            await loop.DelayAsync(TimeSpan.FromMilliseconds(5));
            refused += stream.End == StreamEnd.RemoteReset ? 1 : 0;
        }

        Assert.InRange(told, IdentifyLimits.Burst - 1, IdentifyLimits.Burst + 10);
        Assert.InRange(refused, 900, 1000 - IdentifyLimits.Burst + 1);
        Assert.Equal(0, flooded.StreamCount);
        Assert.Equal(CloseReason.None, flooded.CloseReason);
        await loop.DelayAsync(TimeSpan.FromSeconds(40));
        MuxedStream later = await flooder.OpenStreamAsync("/ipfs/id/push/1.0.0", default);
        await later.Output.WriteAsync(IdentifyCodec.Encode(new IdentifyInfo { AgentVersion = "unit/late" }));
        await later.DisposeAsync();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(5));
        Assert.Equal("unit/late", right.RemoteInfoOf(flooded)!.AgentVersion);
        await flooder.CloseAsync();
    });

    private static readonly ThreadLocal<int> ThreadOfTest = new();

    private static async Task<(Connection Left, Connection Right)> ConnectAsync(SimulatedLoop loop)
    {
        using KeyPair left = SecuredPair.IdentityOf(1);
        using KeyPair right = SecuredPair.IdentityOf(2);
        (Connection Left, Connection Right) connections =
            await HostTests.ConnectAsync(loop, HostTests.MakeHost(loop, left), HostTests.MakeHost(loop, right));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(100));
        return connections;
    }
}
