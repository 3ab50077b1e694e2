using System;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>A node's cable is pulled: no reset, no ICMP. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public sealed class VanishedPeerTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    // 6 s by the keep-alive's constants, and a loaded machine.
    private static readonly TimeSpan NoticeMax = TimeSpan.FromSeconds(7);

    // Both ends dial; a SYN that was lost is sent again after 1 and 3 s, and a dial begins anew each 4 s.
    private static readonly TimeSpan HealMax = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Peer_that_vanished_is_noticed_by_both_ends_and_found_again(bool isBusy)
    {
        fixture.RequireMesh();
        MeshNode gone = fixture.Mesh.Node("edge-a");
        MeshNode left = fixture.Mesh.Node("cloud-1");
        Task<PingRun>? traffic = isBusy
            ? PingRun.RunAsync(
                fixture.Lab.Pod("edge-a-pod1").Network, fixture.Lab.Pod("cloud-1-pod1").Plan.Address4, 30,
                TimeSpan.FromMilliseconds(100))
            : null;
        await fixture.Lab.CutAsync(gone.Node);
        try
        {
            TimeSpan?[] noticed = await Task.WhenAll(
                Eventually.TimeUntilAsync(async () => await ConnectedAsync(gone) == 0, NoticeMax),
                Eventually.TimeUntilAsync(
                    async () => await ConnectedAsync(left) == fixture.Mesh.Nodes.Count - 2, NoticeMax));
            TestContext.Current.SendDiagnosticMessage("noticed after {0} and {1}", noticed[0], noticed[1]);
            Assert.True(noticed[0] is not null, "the node that was cut off did not notice");
            Assert.True(noticed[1] is not null, "the others did not notice");
        }
        finally
        {
            await fixture.Lab.RejoinAsync(gone.Node);
        }

        TimeSpan? healed = await Eventually.TimeUntilAsync(IsReachableAsync, HealMax);
        TestContext.Current.SendDiagnosticMessage("reachable again after {0}", healed);
        Assert.True(healed is not null, "no traffic after the cable was put back");
        await fixture.Mesh.WaitUntilConnectedAsync();
        if (traffic is not null)
        {
            await traffic;
        }
    }

    [Fact]
    public async Task Path_that_loses_a_packet_in_twenty_keeps_its_connections()
    {
        fixture.RequireMesh();
        MeshNode lossy = fixture.Mesh.Node("edge-b");
        MeshNode left = fixture.Mesh.Node("cloud-1");
        long before = await KeepAliveTimeoutsAsync(lossy) + await KeepAliveTimeoutsAsync(left);
        await lossy.Node.LoseAsync(50);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(15));
        }
        finally
        {
            await lossy.Node.LoseAsync(0);
        }

        Assert.Equal(before, await KeepAliveTimeoutsAsync(lossy) + await KeepAliveTimeoutsAsync(left));
        Assert.Equal(fixture.Mesh.Nodes.Count - 1, await ConnectedAsync(lossy));
    }

    private static async Task<long> ConnectedAsync(MeshNode node) =>
        (await node.StatusAsync()).Count("peers_connected");

    private static async Task<long> KeepAliveTimeoutsAsync(MeshNode node)
    {
        long count = 0;
        foreach (CliView item in (await node.StatusAsync()).Items("connection_events"))
        {
            count += item.Text("reason") == "keep_alive_timeout" ? item.Count("count") : 0;
        }

        return count;
    }

    private async Task<bool> IsReachableAsync()
    {
        PingRun run = await PingRun.RunAsync(
            fixture.Lab.Pod("edge-a-pod1").Network, fixture.Lab.Pod("cloud-1-pod1").Plan.Address4, 1,
            TimeSpan.FromMilliseconds(20));
        return run.IsWhole;
    }
}
