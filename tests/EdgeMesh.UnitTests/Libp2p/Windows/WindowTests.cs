using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.SimulationTests.Simulation;
using EdgeMesh.UnitTests.Libp2p.Connections;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Windows;

/// <summary>Bulk both ways with peers of every window and every way to top it up. What matters is that nothing stands
/// still: a round trip passes for each time the peer grants something, and no more.</summary>
public sealed class WindowTests
{
    private const int RandomWindows = 8;
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(5);

    private static readonly long[] Windows =
    [
        32 * 1024, (32 * 1024) + 1, 64 * 1024, 100_000, 256 * 1024, 1024 * 1024, 16 * 1024 * 1024,
    ];

    public static TheoryData<string, long> Cases
    {
        get
        {
            var cases = new TheoryData<string, long>();
            foreach (WindowPolicy policy in WindowPolicy.All.Where(policy => policy.Step == 0))
            {
                foreach (long window in Windows.Concat(Random(policy.Name.Length)))
                {
                    cases.Add(policy.Name, window);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bulk_goes_both_ways_without_a_stall(string policy, long windowBytes) =>
        Check(policy, windowBytes, bulkBytes: 3_000_000);

    // Each byte is an update of its own: a window's worth beyond the initial one shows it.
    [Theory]
    [InlineData(32 * 1024)]
    [InlineData(50_001)]
    public void Bulk_goes_on_by_single_bytes(long windowBytes) =>
        Check("single bytes", windowBytes, bulkBytes: 256 * 1024 + 100_000);

    private static void Check(string name, long windowBytes, long bulkBytes) => SimulatedLoop.Run(async loop =>
    {
        WindowPolicy policy = WindowPolicy.All.Single(policy => policy.Name == name);
        var link = new SimulatedLink(loop, new Random(1), new SimulatedLinkOptions
        {
            Delay = OneWay,
            BufferBytes = 64 * 1024 * 1024,
        });
        var peer = new WindowPeer(link.Left, policy, windowBytes);
        var bulk = new BulkConsumer(bulkBytes);
        var connection = new Connection(
            link.Right,
            SecuredPair.Keys(isInitiator: false),
            ConnectionTests.Options(loop),
            new ConnectionSetup
            {
                Consumers = new Dictionary<string, InlineConsumer>(StringComparer.Ordinal)
                {
                    [WindowPeer.Protocol] = bulk,
                },
            });
        _ = connection.RunAsync(default);
        long begin = loop.Now;
        Task running = peer.RunAsync(bulkBytes);
        double grants = Math.Ceiling(bulkBytes / (double)windowBytes) + 3;
        TimeSpan limit = 2 * OneWay * 2 * grants;
        while ((peer.ReceivedBytes < bulkBytes || bulk.ReceivedBytes < bulkBytes)
            && connection.CloseReason == CloseReason.None
            && loop.Now - begin < limit.Ticks * TimeSpan.NanosecondsPerTick)
        {
            await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(CloseReason.None, connection.CloseReason);
        Assert.Equal((bulkBytes, bulkBytes), (peer.ReceivedBytes, bulk.ReceivedBytes));
        Assert.Equal(bulkBytes, peer.SentBytes);

        // Told when there is more to write, not again and again: once for each grant, or output that drained.
        Assert.InRange(bulk.WritableCalls, 0, peer.Updates + (bulkBytes / 32_768) + 10);
        connection.Abort(CloseReason.Aborted);
        await running;
    });

    private static long[] Random(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, RandomWindows).Select(_ => random.NextInt64(32 * 1024, 4 * 1024 * 1024))];
    }
}
