using System;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>
/// A TUN link has one data plane, and nobody speaks there but pods. The lab is drawn at <see cref="MeshFixture"/>.
/// </summary>
public sealed class SoleOwnerTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    [Fact]
    public async Task Second_data_plane_on_the_link_is_refused_and_disturbs_nobody()
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-a");
        Task<PingRun> traffic = PingRun.RunAsync(
            fixture.Lab.Pod("edge-a-pod1").Network, fixture.Lab.Pod("cloud-1-pod1").Plan.Address4, 150,
            TimeSpan.FromMilliseconds(20));
        CommandResult second = await node.Node.Network.RunAsync(
            [
                Repository.Program("edgemesh-dataplane"), "run", "--node", "second", "--metrics", "off",
                "--state", node.Node.PathOf("second"), "--socket", node.Node.PathOf("second.sock"),
                "--listen", "/ip4/10.99.0.5/tcp/20007",
            ],
            input: null,
            timeout: TimeSpan.FromSeconds(10));
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("edge_tun0 is in use: stop the process that has it", second.ErrorOutput,
            StringComparison.Ordinal);
        PingRun run = await traffic;
        Assert.True(run.IsWhole, run.Output);
    }

    [Fact]
    public async Task Killed_data_plane_leaves_nothing_that_would_keep_its_successor_out()
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-b");
        for (int i = 0; i < 5; i++)
        {
            await node.Dataplane!.KillAsync();
            node.StartDataplane();
            Assert.True(
                await Eventually.IsTrueAsync(
                    async () => (await node.RunCliAsync("status")).IsSuccess, TimeSpan.FromSeconds(3)),
                node.Dataplane.Log);
        }

        await fixture.Mesh.WaitUntilConnectedAsync();
    }
}
