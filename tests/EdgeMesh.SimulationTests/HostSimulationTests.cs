using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Ping;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.SimulationTests.Simulation;
using Xunit;

namespace EdgeMesh.SimulationTests;

/// <summary>Several hosts, each connected with each, on one thread: whole upgrades, work on all connections, cuts, new
/// connections.</summary>
public sealed class HostSimulationTests
{
    private const int Hosts = 5;
    private const int Rounds = 3;
    private const int StreamsPerConnection = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_mesh_under_cuts_loses_connections_but_nothing_else(int seed) => SimulatedLoop.Run(async loop =>
    {
        var random = new Random(seed);
        KeyPair[] keys = [.. Enumerable.Range(1, Hosts).Select(i => SecuredPair.IdentityOf((byte)i))];
        MixOfStreams[] mixes = [.. keys.Select(_ => new MixOfStreams(loop, random.Next()))];
        Host[] hosts = [.. keys.Select((key, i) => new Host(key, new HostOptions { Connection = mixes[i].Options() }))];
        for (int round = 0; round < Rounds; round++)
        {
            var work = new List<Task>();
            for (int i = 0; i < Hosts; i++)
            {
                for (int j = i + 1; j < Hosts; j++)
                {
                    work.Add(MeetAsync(loop, random, hosts[i], hosts[j], mixes[i], mixes[j]));
                }
            }

            foreach (Task one in work)
            {
                await one;
            }

            Assert.All(hosts, host => Assert.Empty(host.Connections));
        }

        Assert.All(mixes, mix => Assert.True(mix.Finished > 0, $"seed {seed}"));
    });

    private static async Task MeetAsync(
        SimulatedLoop loop, Random random, Host dialer, Host listener, MixOfStreams dialing, MixOfStreams listening)
    {
        var link = new SimulatedLink(loop, random, new SimulatedLinkOptions
        {
            Delay = TimeSpan.FromMilliseconds(random.Next(0, 30)),
            PieceBytesMax = random.Next(2) == 0 ? 1400 : 65536,
        });
        Task<SecuredConnection> accept =
            listener.UpgradeAsync(link.Right, false, null, peer => peer == dialer.PeerId, default).AsTask();
        SecuredConnection secured =
            await dialer.UpgradeAsync(link.Left, true, listener.PeerId, _ => true, default);
        Connection left = dialer.Attach(link.Left, secured, dialing.Setup());
        Connection right = listener.Attach(link.Right, await accept, listening.Setup());
        Task ofLeft = dialing.RunAsync(left, StreamsPerConnection);
        Task ofRight = listening.RunAsync(right, StreamsPerConnection);
        bool isCut = random.Next(3) == 0;
        if (isCut)
        {
            await loop.DelayAsync(TimeSpan.FromMilliseconds(random.Next(0, 300)));
            link.Cut();
        }

        await ofLeft;
        await ofRight;
        if (!isCut)
        {
            await using PingClient ping = await PingClient.OpenAsync(left, default);
            Assert.True(await ping.PingAsync(default) >= TimeSpan.Zero);
            Assert.NotNull(dialer.RemoteInfoOf(left));
            Assert.NotNull(listener.RemoteInfoOf(right));
            await left.CloseAsync();
        }

        await left.RunAsync(default);
        await right.RunAsync(default);
        CloseReason[] expected = isCut
            ? [CloseReason.TransportFailed, CloseReason.RemoteClosed, CloseReason.Truncated]
            : [CloseReason.Closed, CloseReason.RemoteClosed];
        Assert.Contains(left.CloseReason, expected);
        Assert.Contains(right.CloseReason, expected);

        // The hosts forget a connection one step after its end.
        await loop.DelayAsync(TimeSpan.FromMilliseconds(1));
    }
}
