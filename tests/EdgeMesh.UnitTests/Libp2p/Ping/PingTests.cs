using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Ping;
using EdgeMesh.SimulationTests.Simulation;
using EdgeMesh.UnitTests.Libp2p.Connections;
using EdgeMesh.UnitTests.Libp2p.Identify;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Ping;

public sealed class PingTests
{
    [Fact]
    public void Pings_on_one_stream_measure_the_round_trip() => RunAsync(async (loop, connection) =>
    {
        PingClient ping = await PingClient.OpenAsync(connection, default);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(2), await ping.PingAsync(default));
        }

        await ping.DisposeAsync();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(10));
        Assert.Equal(0, connection.StreamCount);
    });

    [Fact]
    public void A_third_stream_of_pings_is_refused_until_one_ends() => RunAsync(async (loop, connection) =>
    {
        PingClient first = await PingClient.OpenAsync(connection, default);
        PingClient second = await PingClient.OpenAsync(connection, default);
        await first.PingAsync(default);
        await second.PingAsync(default);
        PingClient third = await PingClient.OpenAsync(connection, default);
        await Assert.ThrowsAsync<StreamException>(async () => await third.PingAsync(default));
        await first.DisposeAsync();
        await loop.DelayAsync(TimeSpan.FromMilliseconds(10));
        PingClient fourth = await PingClient.OpenAsync(connection, default);
        await fourth.PingAsync(default);
    });

    [Fact]
    public void A_silent_pinger_is_let_go_after_a_minute() => RunAsync(async (loop, connection) =>
    {
        PingClient ping = await PingClient.OpenAsync(connection, default);
        await ping.PingAsync(default);
        await loop.DelayAsync(TimeSpan.FromSeconds(59));
        Assert.Equal(1, connection.StreamCount);
        await loop.DelayAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(0, connection.StreamCount);
    });

    [Fact]
    public void A_wrong_answer_is_an_error() => SimulatedLoop.Run(async loop =>
    {
        SecuredPair pair = ConnectionTests.Start(loop, options => options with
        {
            Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
            {
                ["/ipfs/ping/1.0.0"] = async (stream, stop) =>
                {
                    ReadResult read = await stream.Input.ReadAsync(stop);
                    stream.Input.AdvanceTo(read.Buffer.End);
                    await stream.Output.WriteAsync(new byte[PingLimits.PayloadBytes], stop);
                },
            },
        });
        PingClient ping = await PingClient.OpenAsync(pair.Left, default);
        await Assert.ThrowsAsync<StreamException>(async () => await ping.PingAsync(default));
        await pair.Left.CloseAsync();
    });

    [Fact]
    public void A_missing_answer_is_given_up_in_time() => SimulatedLoop.Run(async loop =>
    {
        SecuredPair pair = ConnectionTests.Start(loop, options => options with
        {
            Handlers = new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal)
            {
                ["/ipfs/ping/1.0.0"] = (_, stop) => loop.DelayAsync(TimeSpan.FromHours(1), stop),
            },
        });
        PingClient ping = await PingClient.OpenAsync(pair.Left, default);
        long begin = loop.Now;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await ping.PingAsync(default));
        Assert.Equal(PingLimits.Timeout, TimeSpan.FromTicks((loop.Now - begin) / 100));
        await pair.Left.CloseAsync();
    });

    private static void RunAsync(Func<SimulatedLoop, Connection, Task> test) => SimulatedLoop.Run(async loop =>
    {
        using KeyPair left = SecuredPair.IdentityOf(1);
        using KeyPair right = SecuredPair.IdentityOf(2);
        (Connection connection, _) =
            await HostTests.ConnectAsync(loop, HostTests.MakeHost(loop, left), HostTests.MakeHost(loop, right));
        await loop.DelayAsync(TimeSpan.FromMilliseconds(100));
        await test(loop, connection);
        await connection.CloseAsync();
    });
}
