using System;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.SimulationTests;

/// <summary>Two connections, a link with moods, random streams. Everything follows from the seed, which a failure
/// prints.</summary>
public sealed class ConnectionSimulationTests
{
    private const int Streams = 30;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Bytes_arrive_in_order_and_nothing_is_lost(int seed) => Seeded(seed, async (loop, random) =>
    {
        (SecuredPair pair, MixOfStreams left, MixOfStreams right, _) = Connect(loop, random);
        Task ofLeft = left.RunAsync(pair.Left, Streams);
        await right.RunAsync(pair.Right, Streams);
        await ofLeft;

        // The far ends close behind.
        await loop.DelayAsync(TimeSpan.FromSeconds(130));
        Assert.Equal(CloseReason.None, pair.Left.CloseReason);
        Assert.Equal(CloseReason.None, pair.Right.CloseReason);
        Assert.Equal(0, pair.Left.StreamCount);
        Assert.Equal(0, pair.Right.StreamCount);
        Assert.Equal(Streams, left.Finished + left.Interrupted);
        Assert.InRange(left.Finished, 1, Streams);
        CheckTunnels(left, right, isWhole: true);
        CheckTunnels(right, left, isWhole: true);
        await pair.Left.CloseAsync();
        await pair.Right.RunAsync(default);
        Assert.Equal(CloseReason.RemoteClosed, pair.Right.CloseReason);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_cut_at_any_time_ends_everything_and_breaks_nothing(int seed) => Seeded(seed, async (loop, random) =>
    {
        (SecuredPair pair, MixOfStreams left, MixOfStreams right, SimulatedLink link) = Connect(loop, random);
        Task ofLeft = left.RunAsync(pair.Left, Streams);
        Task ofRight = right.RunAsync(pair.Right, Streams);
        await loop.DelayAsync(TimeSpan.FromMilliseconds(random.Next(0, 400)));
        link.Cut();
        await ofLeft;
        await ofRight;
        await pair.Left.RunAsync(default);
        await pair.Right.RunAsync(default);
        Assert.NotEqual(CloseReason.InternalError, pair.Left.CloseReason);
        Assert.NotEqual(CloseReason.InternalError, pair.Right.CloseReason);
        Assert.Equal(0, pair.Left.StreamCount);
        Assert.Equal(0, pair.Right.StreamCount);
        CheckTunnels(left, right, isWhole: false);
        CheckTunnels(right, left, isWhole: false);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_depends_on_its_seed_only(int seed)
    {
        Assert.Equal(Trace(seed), Trace(seed));

        static string Trace(int seed)
        {
            string trace = "";
            Seeded(seed, async (loop, random) =>
            {
                (SecuredPair pair, MixOfStreams left, MixOfStreams right, SimulatedLink link) = Connect(loop, random);
                Task ofLeft = left.RunAsync(pair.Left, 10);
                await right.RunAsync(pair.Right, 10);
                await ofLeft;
                trace = $"{loop.Now} {loop.Steps} {link.ArrivedBytes} {left.EchoedBytes} {right.EchoedBytes}";
                await pair.Left.CloseAsync();
            });
            return trace;
        }
    }

    private static (SecuredPair Pair, MixOfStreams Left, MixOfStreams Right, SimulatedLink Link) Connect(
        SimulatedLoop loop, Random random)
    {
        var link = new SimulatedLink(loop, random, new SimulatedLinkOptions
        {
            Delay = TimeSpan.FromMilliseconds(random.Next(0, 20)),
            JitterMax = TimeSpan.FromMilliseconds(random.Next(0, 5)),
            PieceBytesMax = random.Next(3) switch { 0 => 700, 1 => 9000, _ => 140_000 },
            BufferBytes = random.Next(2) == 0 ? 20_000 : 500_000,
        });
        var left = new MixOfStreams(loop, random.Next());
        var right = new MixOfStreams(loop, random.Next());
        var pair = new SecuredPair(
            link.Left, link.Right, left.Options(), right.Options(), left.Setup(), right.Setup());
        _ = pair.Left.RunAsync(default);
        _ = pair.Right.RunAsync(default);
        return (pair, left, right, link);
    }

    // The first tunnel of a side is the one it opened; the far end of it is found by its number.
    private static void CheckTunnels(MixOfStreams from, MixOfStreams to, bool isWhole)
    {
        foreach (TunnelConsumer sender in from.Tunnels.Where(tunnel => tunnel.SentBytes > 0))
        {
            TunnelConsumer? receiver = to.Tunnels.SingleOrDefault(tunnel => tunnel.Id == sender.Id);
            long received = receiver?.ReceivedBytes ?? 0;
            Assert.InRange(received, isWhole ? sender.SentBytes : 0, sender.SentBytes);
            Assert.NotEqual(StreamEnd.None, sender.End);
            Assert.True(receiver is null || receiver.IsBalanced);
            Assert.True(receiver is null || receiver.End != StreamEnd.None);
        }
    }

    private static void Seeded(int seed, Func<SimulatedLoop, Random, Task> test)
    {
        try
        {
            SimulatedLoop.Run(loop => test(loop, new Random(seed)));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
        }
    }
}
