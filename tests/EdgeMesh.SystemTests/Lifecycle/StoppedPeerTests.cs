using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>
/// A data plane that does not run for a while, on a machine whose kernel does. The lab is drawn at
/// <see cref="MeshFixture"/>.
/// </summary>
public sealed class StoppedPeerTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Peer_that_stands_still_while_nothing_is_sent_keeps_its_connection()
    {
        fixture.RequireMesh();
        MeshNode stopped = fixture.Mesh.Node("edge-b");
        MeshNode other = fixture.Mesh.Node("cloud-1");
        string[] eventsBefore = await EventsAsync(other);
        var clock = Stopwatch.StartNew();
        var states = new HashSet<string>();
        stopped.Dataplane!.Suspend();
        try
        {
            while (clock.Elapsed < Pause)
            {
                states.Add((await PeerAsync(other, stopped.Name)).Text("state"));
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
        finally
        {
            stopped.Dataplane.Resume();
        }

        Assert.Subset(new HashSet<string> { "connected", "stalled" }, states);
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => (await PeerAsync(other, stopped.Name)).Text("state") == "connected", Patience),
            (await PeerAsync(other, stopped.Name)).Raw);
        Assert.InRange(
            (await PeerAsync(other, stopped.Name)).Number("connected_seconds"), Pause.TotalSeconds, double.MaxValue);
        Assert.Equal(eventsBefore, await EventsAsync(other));
    }

    private static async Task<CliView> PeerAsync(MeshNode node, string peer) =>
        (await node.AskAsync("peers")).Items("peers").Single(item => item.Text("name") == peer);

    private static async Task<string[]> EventsAsync(MeshNode node) =>
    [
        .. (await node.StatusAsync()).Items("connection_events")
            .Select(item => $"{item.Text("reason")} {item.Count("count")}").Order(StringComparer.Ordinal),
    ];
}
